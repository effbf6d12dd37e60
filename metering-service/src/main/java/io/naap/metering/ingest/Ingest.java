package io.naap.metering.ingest;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.metering.MeteringMetrics;
import io.naap.metering.outbox.Outbox;
import io.naap.metering.plan.Plans;
import io.naap.metering.store.Transactions;
import io.naap.metering.store.Tx;
import io.naap.metering.stream.StreamReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Takes usage events in, a batch in one transaction. */
@ApplicationScoped
public class Ingest {
  private static final Logger LOG = Logger.getLogger(Ingest.class);

  /** Events of one transaction. */
  private static final int MOST_AT_ONCE = 1_000;

  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  private final Transactions transactions;
  private final UsageStore store;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final MeteringMetrics metrics;
  private final Rater rater;

  Ingest(
      Transactions transactions,
      UsageStore store,
      Outbox outbox,
      Plans plans,
      Ids ids,
      Clock clock,
      MeteringMetrics metrics) {
    this.transactions = transactions;
    this.store = store;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
    this.rater = new Rater(plans::version);
  }

  private record Unreadable(StreamReader.Entry entry, String reason) {}

  /** Takes entries of a stream, several events in each; returns when they are committed. */
  void take(List<StreamReader.Entry> entries) {
    List<StreamReader.Entry> events = entries.stream().flatMap(Ingest::events).toList();
    for (int from = 0; from < events.size(); from += MOST_AT_ONCE) {
      takeEvents(events.subList(from, Math.min(events.size(), from + MOST_AT_ONCE)));
    }
  }

  private static Stream<StreamReader.Entry> events(StreamReader.Entry entry) {
    if (entry.payload() == null) {
      return Stream.of(entry);
    }
    try {
      List<String> events = UsageEntry.events(entry.payload());
      // Named apart, so that each one that cannot be read is kept.
      return IntStream.range(0, events.size())
          .mapToObj(
              at ->
                  new StreamReader.Entry(
                      entry.stream(),
                      events.size() == 1 ? entry.id() : entry.id() + "/" + at,
                      events.get(at)));
    } catch (IllegalArgumentException unreadable) {
      return Stream.of(entry);
    }
  }

  private void takeEvents(List<StreamReader.Entry> entries) {
    Map<String, Metered> metered = new LinkedHashMap<>();
    List<Unreadable> unreadable = new ArrayList<>();
    for (StreamReader.Entry entry : entries) {
      try {
        UsageRecorded event = read(entry);
        metered.putIfAbsent(event.eventId(), rater.rate(event));
      } catch (IllegalArgumentException notUsage) {
        unreadable.add(new Unreadable(entry, String.valueOf(notUsage.getMessage())));
      }
    }
    List<Metered> batch = List.copyOf(metered.values());
    List<Metered> stored =
        transactions.run(
            tx -> {
              setApart(tx, unreadable);
              return batch.isEmpty() ? List.of() : store(tx, batch);
            });
    outbox.poke();
    stored.forEach(one -> metrics.stored(one.state()));
    metrics.repeated(batch.size() - stored.size());
    metrics.unreadable(unreadable.size());
  }

  private List<Metered> store(Tx tx, List<Metered> batch) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Set<String> fresh = store.insert(tx, batch, now);
    List<Metered> stored =
        batch.stream().filter(one -> fresh.contains(one.event().eventId())).toList();
    store.count(tx, stored.stream().filter(one -> !(one instanceof Metered.Quarantined)).toList());
    List<Outbox.Event> announcements = new ArrayList<>();
    for (Metered one : stored) {
      if (one instanceof Metered.Charged charged) {
        announcements.add(announce(charged, now));
      } else if (one instanceof Metered.Quarantined quarantined) {
        LOG.errorf(
            "usage quarantined, event=%s reason=%s",
            quarantined.event().eventId(), quarantined.reason());
      }
    }
    // Of repeated events too: their router has not heard that they are stored.
    Set<String> instances =
        batch.stream().map(one -> one.event().instance()).collect(Collectors.toSet());
    store
        .advance(tx, instances)
        .forEach(
            (instance, position) ->
                announcements.add(
                    new Outbox.Event(
                        Topics.USAGE_COMMITTED,
                        ids.next(IdKind.EVENT),
                        Json.write(new UsageCommitted(instance, position, now)))));
    outbox.add(tx, announcements);
    return stored;
  }

  private Outbox.Event announce(Metered.Charged charged, Instant now) {
    UsageRecorded event = charged.event();
    String eventId = ids.next(IdKind.EVENT);
    ChargeRated charge =
        new ChargeRated(
            eventId,
            event.eventId(),
            event.requestId(),
            event.occurredAt(),
            now,
            event.tenantId(),
            event.keyId(),
            event.capability(),
            event.model(),
            event.pool(),
            event.gateway(),
            event.units(),
            event.plan(),
            event.fundingId(),
            charged.cost(),
            Optional.empty());
    return new Outbox.Event(Topics.CHARGES, eventId, text(charge));
  }

  private static String text(ChargeRated charge) {
    return Json.write(charge);
  }

  private static UsageRecorded read(StreamReader.Entry entry) {
    if (entry.payload() == null) {
      throw new IllegalArgumentException("the entry has no event");
    }
    UsageRecorded event;
    try {
      event = Json.read(entry.payload(), UsageRecorded.class);
    } catch (NullPointerException missing) {
      throw new IllegalArgumentException("the event is incomplete", missing);
    }
    boolean complete =
        Stream.of(
                event.eventId(),
                event.requestId(),
                event.instance(),
                event.openedAt(),
                event.occurredAt(),
                event.tenantId(),
                event.keyId(),
                event.capability(),
                event.model(),
                event.tier(),
                event.pool(),
                event.gateway(),
                event.outcome(),
                event.units(),
                event.plan(),
                event.fundingId(),
                event.estimatedCost())
            .allMatch(Objects::nonNull);
    if (!complete
        || entry.payload().contains("\\u0000")
        || isImplausible(event.openedAt())
        || isImplausible(event.occurredAt())
        || event.sequence() < 0
        || event.spoolPosition() < 0
        || event.latencyMillis() < 0
        || !event.eventId().equals(event.requestId() + "-" + event.sequence())) {
      throw new IllegalArgumentException("the event is incomplete or contradicts itself");
    }
    return event;
  }

  /** Years a database or a person could not make sense of. */
  private static boolean isImplausible(Instant time) {
    return time.isBefore(EARLIEST) || time.isAfter(LATEST);
  }

  private static void setApart(Tx tx, List<Unreadable> unreadable) {
    for (Unreadable one : unreadable) {
      LOG.errorf("not a usage event, stream=%s entry=%s", one.entry().stream(), one.entry().id());
      tx.change(
          "insert into dead_letter (stream, entry_id, payload, reason) values ($1, $2, $3, $4)"
              + " on conflict do nothing",
          one.entry().stream(),
          one.entry().id(),
          String.valueOf(one.entry().payload()),
          one.reason());
    }
  }
}
