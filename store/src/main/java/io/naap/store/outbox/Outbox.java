package io.naap.store.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.naap.contracts.events.Topic;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Stores events with the change they announce and publishes them in order: at once when poked, else
 * within a second. An event may be published twice, never not at all. A row holds the events of one
 * topic of one transaction. A row of a topic that only announces is gone when Redis has it. A row
 * that carries money stays until every consumer of the topic has committed it, and is published
 * again when Redis has lost it. Needs the tables {@code outbox} and {@code outbox_relay}.
 */
@ApplicationScoped
public class Outbox {
  private static final Logger LOG = Logger.getLogger(Outbox.class);

  /** The most events in a row, which is the most in an entry of a topic that carries money. */
  private static final int CHUNK = 500;

  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final Duration REPORT = Duration.ofSeconds(5);

  /** At least so long from one publication to the next, unless there is more. */
  private static final Duration GATHER = Duration.ofMillis(20);

  /** At least so long from one reading of acknowledgements to the next, unless there are more. */
  private static final Duration ACKNOWLEDGE = Duration.ofMillis(100);

  /** How often a sweep looks for rows in Redis; each time for a few thousand events. */
  private static final int LOOKS = 5;

  private final Transactions transactions;
  private final OutboxStreams streams;
  private final OutboxConfig config;
  private final Counter published;
  private final Counter full;
  private final Counter sentAgain;
  private final MultiGauge waitingEvents;
  private final MultiGauge waitingAge;
  private final Workers workers;
  private volatile Worker worker;

  /** Rows published and not acknowledged, by topic, as of the last sweep. */
  private final Map<String, Long> inFlight = new HashMap<>();

  private final Set<String> alarmed = new HashSet<>();
  private long lastSweep = System.nanoTime() - SWEEP.toNanos();
  private long lastReport = System.nanoTime() - REPORT.toNanos();
  private long lastAcknowledged = System.nanoTime() - ACKNOWLEDGE.toNanos();
  private long lookedAtId;

  Outbox(
      Transactions transactions,
      RedisDataSource redis,
      OutboxConfig config,
      Workers workers,
      MeterRegistry registry) {
    this.workers = workers;
    this.transactions = transactions;
    this.streams = new OutboxStreams(redis);
    this.config = config;
    this.published = registry.counter("outbox_published_total");
    this.full = registry.counter("outbox_full_total");
    this.sentAgain = registry.counter("outbox_sent_again_total");
    this.waitingEvents = MultiGauge.builder("outbox_unacknowledged_events").register(registry);
    this.waitingAge = MultiGauge.builder("outbox_unacknowledged_age_seconds").register(registry);
  }

  /** Part of the caller's transaction; poke after its commit. */
  public void add(Tx tx, Topic topic, List<String> payloads) {
    for (int from = 0; from < payloads.size(); from += CHUNK) {
      List<String> chunk = payloads.subList(from, Math.min(payloads.size(), from + CHUNK));
      tx.send(
          "insert into outbox (topic, payloads, events, awaits) values ($1, $2, $3, $4)",
          topic.stream(),
          chunk.toArray(String[]::new),
          chunk.size(),
          awaits(topic));
    }
  }

  private static String[] awaits(Topic topic) {
    return switch (topic) {
      case Topic.Money money -> money.consumers().toArray(String[]::new);
      case Topic.Announcement announcement -> new String[0];
    };
  }

  /** Publishes soon: call it after a commit that added events. */
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

  /** One round. Rows that are not published when it fails are published by the next one. */
  private void relay() throws InterruptedException {
    while (publish() >= OutboxTable.EVENTS) {
      full.increment();
      worker.beat();
      acknowledge();
    }
    acknowledge();
    sweep();
    Thread.sleep(GATHER);
  }

  /** Publishes what can be published now; says how many events it was. */
  private int publish() {
    return transactions.run(
        tx -> {
          if (!OutboxTable.tryLock(tx)) {
            return 0;
          }
          // If this commit is lost, the events are published again, and consumers take each event
          // once. So the commit need not wait for the disk.
          tx.query("set local synchronous_commit = off");
          List<OutboxTable.Unsent> rows = withinLimit(OutboxTable.unsent(tx, fullTopics()));
          if (rows.isEmpty()) {
            return 0;
          }
          OutboxTable.Relay relay = OutboxTable.relay(tx);
          List<OutboxStreams.Entry> entries = new ArrayList<>();
          rows.forEach(row -> entries.addAll(entries(row)));
          Optional<List<String>> ids = streams.publish(relay, entries);
          if (ids.isEmpty()) {
            // The next round publishes, beginning with what was lost.
            lookForAll(tx);
            streams.count(relay);
            poke();
            return 0;
          }
          remember(tx, rows, ids.get());
          int events = rows.stream().mapToInt(row -> row.events().size()).sum();
          published.increment(events);
          return events;
        });
  }

  private static List<OutboxStreams.Entry> entries(OutboxTable.Unsent row) {
    return row.carriesMoney()
        ? List.of(
            new OutboxStreams.Entry(
                row.topic(), Optional.of(row.id()), String.join("\n", row.events())))
        : row.events().stream()
            .map(event -> new OutboxStreams.Entry(row.topic(), Optional.empty(), event))
            .toList();
  }

  private void remember(Tx tx, List<OutboxTable.Unsent> rows, List<String> ids) {
    List<Long> done = new ArrayList<>();
    Map<Long, String> entries = new LinkedHashMap<>();
    int at = 0;
    for (OutboxTable.Unsent row : rows) {
      if (row.carriesMoney()) {
        entries.put(row.id(), ids.get(at));
        inFlight.merge(row.topic(), 1L, Long::sum);
        at++;
      } else {
        done.add(row.id());
        at += row.events().size();
      }
    }
    OutboxTable.published(tx, done, entries);
  }

  /** Leaves out what would be more of a topic than may be in flight; it is taken later. */
  private List<OutboxTable.Unsent> withinLimit(List<OutboxTable.Unsent> rows) {
    Map<String, Long> counts = new HashMap<>(inFlight);
    return rows.stream()
        .filter(
            row ->
                !row.carriesMoney()
                    || counts.merge(row.topic(), 1L, Long::sum) <= config.inFlight())
        .toList();
  }

  private Collection<String> fullTopics() {
    return inFlight.entrySet().stream()
        .filter(topic -> topic.getValue() >= config.inFlight())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Removes the rows that consumers have committed. */
  private void acknowledge() {
    if (inFlight.isEmpty() || !isOver(lastAcknowledged, ACKNOWLEDGE)) {
      return;
    }
    List<OutboxStreams.Acknowledgement> all = streams.acknowledged(inFlight.keySet());
    if (!all.isEmpty()) {
      Map<String, List<Long>> rows =
          all.stream()
              .collect(
                  Collectors.groupingBy(
                      OutboxStreams.Acknowledgement::consumer,
                      Collectors.flatMapping(one -> one.rows().stream(), Collectors.toList())));
      transactions.run(
          tx -> {
            rows.forEach((consumer, ids) -> OutboxTable.acknowledge(tx, consumer, ids));
            return rows.size();
          });
      // After the commit: otherwise Redis could forget an acknowledgement that Postgres then loses.
      streams.forget(all);
    }
    lastAcknowledged = System.nanoTime();
  }

  /** Counts the rows that wait, and checks that Redis still has those that are not acknowledged. */
  private void sweep() {
    if (!isOver(lastSweep, SWEEP)) {
      return;
    }
    lastSweep = System.nanoTime();
    Map<String, Long> counted = transactions.run(OutboxTable::inFlight);
    inFlight.clear();
    inFlight.putAll(counted);
    for (int looks = 0; looks < LOOKS && !inFlight.isEmpty(); looks++) {
      List<OutboxTable.Sent> looked =
          transactions.run(
              tx ->
                  OutboxTable.tryLock(tx)
                      ? lookFor(tx, config.lookAfter(), lookedAtId)
                      : List.<OutboxTable.Sent>of());
      lookedAtId = looked.isEmpty() ? 0 : looked.getLast().id();
      if (looked.isEmpty()) {
        break;
      }
    }
    report();
  }

  /** Looks for all rows that were published, oldest first: Redis may have lost any of them. */
  private void lookForAll(Tx tx) {
    long afterId = 0;
    List<OutboxTable.Sent> looked;
    do {
      looked = lookFor(tx, Duration.ZERO, afterId);
      afterId = looked.isEmpty() ? afterId : looked.getLast().id();
    } while (!looked.isEmpty());
  }

  private List<OutboxTable.Sent> lookFor(Tx tx, Duration atLeast, long afterId) {
    List<OutboxTable.Sent> sent = OutboxTable.sent(tx, atLeast, afterId);
    List<Long> missing = streams.missing(sent);
    if (!missing.isEmpty()) {
      LOG.warnf(
          "Redis lost entries before they were acknowledged, they are sent again, rows=%d first=%d last=%d",
          missing.size(), missing.getFirst(), missing.getLast());
      OutboxTable.sendAgain(tx, missing);
      sentAgain.increment(missing.size());
      poke();
    }
    return sent;
  }

  private void report() {
    if (!isOver(lastReport, REPORT)) {
      return;
    }
    lastReport = System.nanoTime();
    List<OutboxTable.Waiting> waiting = transactions.run(OutboxTable::waiting);
    waitingEvents.register(
        waiting.stream()
            .map(one -> MultiGauge.Row.of(Tags.of("topic", one.topic()), one.events()))
            .collect(Collectors.<MultiGauge.Row<?>>toList()),
        true);
    waitingAge.register(
        waiting.stream()
            .map(one -> MultiGauge.Row.of(Tags.of("topic", one.topic()), one.oldest().toSeconds()))
            .collect(Collectors.<MultiGauge.Row<?>>toList()),
        true);
    Set<String> late = new HashSet<>();
    for (OutboxTable.Waiting one : waiting) {
      if (one.oldest().compareTo(config.alarmAfter()) > 0) {
        late.add(one.topic());
        if (alarmed.add(one.topic())) {
          LOG.errorf(
              "no consumer acknowledges these events, topic=%s events=%d oldest_seconds=%d",
              one.topic(), one.events(), one.oldest().toSeconds());
        }
      }
    }
    alarmed.retainAll(late);
  }

  private static boolean isOver(long since, Duration duration) {
    return System.nanoTime() - since >= duration.toNanos();
  }
}
