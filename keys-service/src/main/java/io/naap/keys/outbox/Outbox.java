package io.naap.keys.outbox;

import io.naap.contracts.events.Topics;
import io.naap.keys.KeysMetrics;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.redis.datasource.stream.ReactiveStreamCommands;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Stores events with the change they announce and publishes them in order: at once when poked, else
 * within a second. An event may be published twice, never not at all.
 */
@ApplicationScoped
public class Outbox {
  private static final Logger LOG = Logger.getLogger(Outbox.class);
  private static final int BATCH = 200;
  private static final long SWEEP_MILLIS = 1_000;
  private static final long MAX_PAUSE_MILLIS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Any number, the same in every replica: one relay at a time keeps the order of commits. */
  private static final long RELAY_LOCK = 8201;

  private final Pool pool;
  private final ReactiveStreamCommands<String, String, String> streams;
  private final KeysMetrics metrics;
  private final AtomicLong changes = new AtomicLong();
  private final Semaphore pokes = new Semaphore(0);
  private volatile boolean stopping;
  private Thread relay;

  Outbox(Pool pool, ReactiveRedisDataSource redis, KeysMetrics metrics) {
    this.pool = pool;
    this.streams = redis.stream(String.class);
    this.metrics = metrics;
  }

  /** Part of the open transaction; poke after its commit. */
  public Uni<Void> add(String topic, String eventId, String payload) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        "insert into outbox (topic, event_id, payload) values (:topic, :id, :payload)")
                    .setParameter("topic", topic)
                    .setParameter("id", eventId)
                    .setParameter("payload", payload)
                    .executeUpdate())
        .replaceWithVoid();
  }

  /** How many changes this instance has committed: whoever caches compares. */
  public long changes() {
    return changes.get();
  }

  /** Something was committed. */
  public void poke() {
    changes.incrementAndGet();
    pokes.release();
  }

  void start(@Observes StartupEvent started) {
    relay = Thread.ofVirtual().name("outbox").start(this::relay);
  }

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    poke();
    if (relay != null && !relay.join(PATIENCE)) {
      relay.interrupt();
    }
  }

  private void relay() {
    boolean outage = false;
    long pause = 100;
    while (!stopping) {
      try {
        while (publish().await().atMost(PATIENCE) == BATCH) {
          // There is more.
        }
        outage = false;
        pause = 100;
        if (pokes.tryAcquire(SWEEP_MILLIS, TimeUnit.MILLISECONDS)) {
          pokes.drainPermits();
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException failed) {
        // The boundary of this thread: what is not published stays, and is tried again.
        LOG.logf(
            outage ? Logger.Level.DEBUG : Logger.Level.WARN, failed, "events wait to be published");
        outage = true;
        pause = Math.min(pause * 2, MAX_PAUSE_MILLIS);
        sleep(pause);
      }
    }
  }

  private Uni<Integer> publish() {
    return pool.withTransaction(
        connection ->
            connection
                .preparedQuery("select pg_try_advisory_xact_lock($1) as mine")
                .execute(Tuple.of(RELAY_LOCK))
                .flatMap(
                    rows ->
                        rows.iterator().next().getBoolean("mine")
                            ? publishWaiting(connection)
                            : Uni.createFrom().item(0)));
  }

  private Uni<Integer> publishWaiting(SqlConnection connection) {
    return connection
        .preparedQuery(
            "select id, topic, payload from outbox where published_at is null order by id limit $1")
        .execute(Tuple.of(BATCH))
        .flatMap(
            rows -> {
              List<Row> waiting = new ArrayList<>();
              rows.forEach(waiting::add);
              if (waiting.isEmpty()) {
                return Uni.createFrom().item(0);
              }
              return Multi.createFrom()
                  .iterable(waiting)
                  .onItem()
                  .transformToUniAndConcatenate(
                      row ->
                          streams.xadd(
                              row.getString("topic"),
                              Map.of(Topics.FIELD, row.getString("payload"))))
                  .collect()
                  .last()
                  .flatMap(
                      last ->
                          connection
                              .preparedQuery(
                                  "update outbox set published_at = now() where id = any($1)")
                              .execute(
                                  Tuple.of(
                                      waiting.stream()
                                          .map(row -> row.getLong("id"))
                                          .toArray(Long[]::new))))
                  .invoke(done -> metrics.published(waiting.size()))
                  .replaceWith(waiting.size());
            });
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
