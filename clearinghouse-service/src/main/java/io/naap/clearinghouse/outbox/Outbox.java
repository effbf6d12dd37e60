package io.naap.clearinghouse.outbox;

import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.store.Transactions;
import io.naap.clearinghouse.store.Tx;
import io.naap.contracts.events.Topics;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Stores events with the change they announce and publishes them in order: at once when poked, else
 * within a second. An event may be published twice, never not at all.
 */
@ApplicationScoped
public class Outbox {
  private static final Logger LOG = Logger.getLogger(Outbox.class);
  private static final int BATCH = 500;
  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long MAX_PAUSE_MILLIS = 5_000;

  /** One round trip for many entries, in their order. */
  private static final String ADD =
      "for i = 1, #KEYS do redis.call('XADD', KEYS[i], '*', '"
          + Topics.FIELD
          + "', ARGV[i]) end return #KEYS";

  private final Transactions transactions;
  private final RedisDataSource redis;
  private final ClearinghouseMetrics metrics;
  private final Semaphore pokes = new Semaphore(0);
  private volatile boolean stopping;
  private Thread thread;

  Outbox(Transactions transactions, RedisDataSource redis, ClearinghouseMetrics metrics) {
    this.transactions = transactions;
    this.redis = redis;
    this.metrics = metrics;
  }

  /** One event to be published. */
  public record Event(String topic, String eventId, String payload) {}

  /** Part of the caller's transaction; poke after its commit. */
  public void add(Tx tx, List<Event> events) {
    send(tx, events).ifPresent(Tx.Sent::rows);
  }

  /** As {@link #add}, without waiting. */
  public Optional<Tx.Sent> send(Tx tx, List<Event> events) {
    return events.isEmpty()
        ? Optional.empty()
        : Optional.of(
            tx.send(
                """
                insert into outbox (topic, event_id, payload)
                select * from unnest($1::text[], $2::text[], $3::text[])""",
                events.stream().map(Event::topic).toArray(String[]::new),
                events.stream().map(Event::eventId).toArray(String[]::new),
                events.stream().map(Event::payload).toArray(String[]::new)));
  }

  /** Something was committed. */
  public void poke() {
    pokes.release();
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofVirtual().name("outbox").start(this::relay);
  }

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    poke();
    if (thread != null && !thread.join(PATIENCE)) {
      thread.interrupt();
    }
  }

  private void relay() {
    boolean outage = false;
    long pause = 100;
    while (!stopping) {
      try {
        while (publish() == BATCH) {
          metrics.outboxFull();
        }
        outage = false;
        pause = 100;
        if (pokes.tryAcquire(SWEEP.toMillis(), TimeUnit.MILLISECONDS)) {
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

  private int publish() {
    return transactions.run(
        tx -> {
          // One relay at a time, so that a stream is in the order of commits.
          boolean mine =
              tx.one("select pg_try_advisory_xact_lock(8501) as mine")
                  .orElseThrow()
                  .getBoolean("mine");
          if (!mine) {
            return 0;
          }
          // Losing this commit publishes again, which every reader bears: it need not wait for the
          // disk.
          tx.query("set local synchronous_commit = off");
          List<Row> rows =
              tx.query(
                  "select id, topic, payload from outbox where published_at is null"
                      + " order by id limit "
                      + BATCH);
          if (rows.isEmpty()) {
            return 0;
          }
          List<String> command = new ArrayList<>(rows.size() * 2 + 2);
          command.add(ADD);
          command.add(Integer.toString(rows.size()));
          rows.forEach(row -> command.add(row.getString("topic")));
          rows.forEach(row -> command.add(row.getString("payload")));
          redis.execute("EVAL", command.toArray(String[]::new));
          tx.change(
              "update outbox set published_at = now() where id = any($1)",
              (Object) rows.stream().map(row -> row.getLong("id")).toArray(Long[]::new));
          metrics.published(rows.size());
          return rows.size();
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
