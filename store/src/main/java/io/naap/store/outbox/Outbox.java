package io.naap.store.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.Topics;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Stores events with the change they announce and publishes them in order: at once when poked, else
 * within a second. An event may be published twice, never not at all. A row holds the events of one
 * topic of one transaction, and is gone when they are published. Needs the table {@code outbox (id,
 * topic, payloads, events)}.
 */
@ApplicationScoped
public class Outbox {
  /** The most events in a row. */
  private static final int CHUNK = 500;

  /** Rows are taken until they hold so many events, or are so many. */
  private static final int EVENTS = 4_000;

  private static final int ROWS = 500;

  /** Any number, the same in every replica: one relay at a time keeps the order of commits. */
  private static final long RELAY_LOCK = 7216;

  private static final Duration SWEEP = Duration.ofSeconds(1);

  /** At least so long from one publication to the next, unless there is more. */
  private static final Duration GATHER = Duration.ofMillis(20);

  /** One round trip for many entries, in their order. */
  private static final String ADD =
      "for i = 1, #KEYS do redis.call('XADD', KEYS[i], '*', '"
          + Topics.FIELD
          + "', ARGV[i]) end return #KEYS";

  private static final String OLDEST =
      """
      select id, topic, payloads from outbox where id <= (
        select max(id) from (
          select id, events, sum(events) over (order by id) as so_far from (
            select id, events from outbox order by id limit %d) oldest) summed
        where so_far - events < %d)
      order by id"""
          .formatted(ROWS, EVENTS);

  private final Transactions transactions;
  private final RedisDataSource redis;
  private final Counter published;
  private final Counter full;
  private final Workers workers;
  private volatile Worker worker;

  Outbox(
      Transactions transactions, RedisDataSource redis, Workers workers, MeterRegistry registry) {
    this.workers = workers;
    this.transactions = transactions;
    this.redis = redis;
    this.published = registry.counter("outbox_published_total");
    this.full = registry.counter("outbox_full_total");
  }

  /** Part of the caller's transaction; poke after its commit. */
  public void add(Tx tx, String topic, List<String> payloads) {
    for (int from = 0; from < payloads.size(); from += CHUNK) {
      List<String> chunk = payloads.subList(from, Math.min(payloads.size(), from + CHUNK));
      tx.send(
          "insert into outbox (topic, payloads, events) values ($1, $2, $3)",
          topic,
          chunk.toArray(String[]::new),
          chunk.size());
    }
  }

  /** Something was committed. */
  public void poke() {
    if (worker != null) {
      worker.poke();
    }
  }

  void start(@Observes StartupEvent started) {
    worker = workers.start("outbox", SWEEP, this::relay);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** What is not published when a round fails stays, and is tried again. */
  private void relay() throws InterruptedException {
    while (publish() >= EVENTS) {
      full.increment();
      worker.beat();
    }
    Thread.sleep(GATHER);
  }

  private int publish() {
    return transactions.run(
        tx -> {
          boolean mine =
              tx.one("select pg_try_advisory_xact_lock($1) as mine", RELAY_LOCK)
                  .orElseThrow()
                  .getBoolean("mine");
          if (!mine) {
            return 0;
          }
          // Losing this commit publishes again, which every reader bears: it need not wait for the
          // disk.
          tx.query("set local synchronous_commit = off");
          List<Row> rows = tx.query(OLDEST);
          if (rows.isEmpty()) {
            return 0;
          }
          List<String> topics = new ArrayList<>();
          List<String> payloads = new ArrayList<>();
          for (Row row : rows) {
            List<String> events = List.of(row.getArrayOfStrings("payloads"));
            payloads.addAll(events);
            topics.addAll(Collections.nCopies(events.size(), row.getString("topic")));
          }
          List<String> command = new ArrayList<>(2 * topics.size() + 2);
          command.add(ADD);
          command.add(Integer.toString(topics.size()));
          command.addAll(topics);
          command.addAll(payloads);
          redis.execute("EVAL", command.toArray(String[]::new));
          tx.send(
              "delete from outbox where id = any($1)",
              (Object) rows.stream().map(row -> row.getLong("id")).toArray(Long[]::new));
          published.increment(topics.size());
          return topics.size();
        });
  }
}
