package io.naap.clearinghouse.stripe;

import io.naap.clearinghouse.charge.ChargeConfig;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.stream.Events;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.events.Topics;
import io.naap.store.stream.StreamReader;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads metering's {@code TopUpWanted} events, and has saved cards charged. */
@ApplicationScoped
public class TopUps {
  private final Workers workers;
  private final StreamReader reader;
  private final Ledger ledger;
  private final CardTopUps cards;
  private Thread thread;

  TopUps(
      Workers workers,
      RedisDataSource redis,
      ChargeConfig config,
      Ledger ledger,
      CardTopUps cards,
      ClearinghouseMetrics metrics) {
    this.workers = workers;
    this.ledger = ledger;
    this.cards = cards;
    this.reader =
        new StreamReader(
            redis,
            new StreamReader.Source(
                Topics.TOP_UPS, "clearinghouse", config.consumer(), config.batch(), Duration.ZERO),
            this::take,
            metrics::deletedUnread);
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofVirtual().name("top-ups").start(reader);
    workers.watch("top-ups", reader::isAlive);
  }

  void stop(@Observes ShutdownEvent stopping) {
    reader.stop();
    if (thread != null) {
      thread.interrupt();
    }
  }

  /**
   * Charges the cards before the events are marked as taken: the event's id is Stripe's idempotency
   * key, so that charging twice charges once.
   */
  private void take(List<StreamReader.Entry> entries) {
    Events<TopUpWanted> events =
        Events.read(entries, TopUpWanted.class, TopUpWanted::eventId, TopUps::isSensible);
    Set<String> before =
        ledger.read(
            tx ->
                tx
                    .query(
                        "select event_id from inbox where event_id = any($1)",
                        (Object) events.byId().keySet().toArray(String[]::new))
                    .stream()
                    .map(row -> row.getString("event_id"))
                    .collect(Collectors.toSet()));
    events.byId().values().stream()
        .filter(one -> !before.contains(one.eventId()))
        .forEach(cards::charge);
    ledger.read(
        tx -> {
          events.setApart(tx);
          return events.take(tx);
        });
  }

  private static boolean isSensible(TopUpWanted wanted) {
    return Stream.of(wanted.eventId(), wanted.occurredAt(), wanted.tenantId(), wanted.amount())
            .allMatch(Objects::nonNull)
        && wanted.amount().isPositive();
  }
}
