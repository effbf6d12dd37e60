package io.naap.metering.intake;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.ingest.StoredRow;
import io.naap.metering.plan.OfferedPlan;
import io.naap.metering.plan.PlanVersions;
import io.naap.metering.usage.CloudEvent;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Stores usage that is sent by HTTP instead of by a router. The tenant, source and id of an event
 * are remembered for ever: the same event sent again changes nothing, and another event under the
 * same id is reported as a conflict.
 */
@ApplicationScoped
class CloudEvents {
  private static final int MAX_NAME = 300;

  private final Transactions transactions;
  private final Ingest ingest;
  private final PlanVersions plans;
  private final RandomGenerator random;
  private final Clock clock;

  CloudEvents(
      Transactions transactions,
      Ingest ingest,
      PlanVersions plans,
      RandomGenerator random,
      Clock clock) {
    this.transactions = transactions;
    this.ingest = ingest;
    this.plans = plans;
    this.random = random;
    this.clock = clock;
  }

  private record Named(String eventId, boolean isNew, boolean isSame) {}

  /**
   * Stores a batch of events in one transaction.
   *
   * @param unknown ids of tenants that do not exist
   */
  TakenEvents take(List<CloudEvent> events, Set<String> unknown) {
    List<StoredRow> stored = new ArrayList<>();
    TakenEvents batch =
        transactions.run(
            tx -> {
              stored.clear();
              return take(tx, events, unknown, stored);
            });
    ingest.done(stored);
    return batch;
  }

  private TakenEvents take(
      Tx tx, List<CloudEvent> events, Set<String> unknown, List<StoredRow> stored) {
    List<TakenEvents.Taken> taken = new ArrayList<>();
    Map<String, Integer> places = new LinkedHashMap<>();
    List<UsageRecorded> fresh = new ArrayList<>();
    for (CloudEvent event : events) {
      Optional<String> wrong =
          wrong(event)
              .or(
                  () ->
                      unknown.contains(event.subject())
                          ? Optional.of("There is no such tenant.")
                          : Optional.empty());
      if (wrong.isPresent()) {
        taken.add(new TakenEvents.Taken(event.id(), event.source(), null, "invalid", wrong.get()));
        continue;
      }
      Instant time = event.time() == null ? clock.instant() : event.time();
      Named named = name(tx, event, time);
      if (named.isNew()) {
        places.put(named.eventId(), taken.size());
        fresh.add(recorded(tx, event, named.eventId(), time));
      }
      taken.add(
          new TakenEvents.Taken(
              event.id(),
              event.source(),
              named.eventId(),
              named.isSame() ? "repeated" : "conflict",
              named.isSame() ? null : "This source used this id for another event."));
    }
    for (StoredRow one : fresh.isEmpty() ? List.<StoredRow>of() : ingest.store(tx, fresh)) {
      stored.add(one);
      int at = places.get(one.eventId());
      TakenEvents.Taken before = taken.get(at);
      taken.set(
          at,
          new TakenEvents.Taken(
              before.id(), before.source(), one.eventId(), one.state(), one.reason()));
    }
    return new TakenEvents(taken);
  }

  private Named name(Tx tx, CloudEvent event, Instant time) {
    // The id begins with the event's own time, so that the event is stored in the partition of its
    // day.
    String eventId =
        EventId.of(new Ids(Clock.fixed(time, ZoneOffset.UTC), random).next(IdKind.REQUEST), 0);
    String hash = hash(text(event));
    if (tx.change(
            "insert into usage_source (tenant_id, source, id, body_hash, event_id) values ($1, $2,"
                + " $3, $4, $5) on conflict do nothing",
            event.subject(),
            event.source(),
            event.id(),
            hash,
            eventId)
        == 1) {
      return new Named(eventId, true, true);
    }
    return tx.one(
            "select event_id, body_hash from usage_source where tenant_id = $1 and source = $2 and"
                + " id = $3",
            event.subject(),
            event.source(),
            event.id())
        .map(
            row ->
                new Named(
                    row.getString("event_id"), false, row.getString("body_hash").equals(hash)))
        .orElseThrow();
  }

  private static String text(CloudEvent event) {
    return Json.write(event);
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Optional<String> wrong(CloudEvent event) {
    if (!CloudEvent.VERSION.equals(event.specversion()) || !CloudEvent.TYPE.equals(event.type())) {
      return Optional.of("specversion is 1.0 and type io.naap.usage.");
    }
    if (isUnfit(event.id()) || isUnfit(event.source())) {
      return Optional.of("id and source have 1 to 300 characters.");
    }
    if (!IdKind.TENANT.matches(event.subject())) {
      return Optional.of("subject is the tenant's id, ten_...");
    }
    CloudEvent.Data data = event.data();
    if (data == null
        || data.units() == null
        || isUnfit(data.capability())
        || isUnfit(data.model())) {
      return Optional.of("data has key_id, capability, model and units.");
    }
    Instant time = event.time();
    if (time != null
        && (time.isBefore(Instant.parse("2020-01-01T00:00:00Z"))
            || time.isAfter(Instant.parse("2200-01-01T00:00:00Z")))) {
      return Optional.of("time is out of range.");
    }
    if (outcome(data) == null) {
      return Optional.of("outcome is succeeded, partial or failed.");
    }
    return Optional.empty();
  }

  private static JobOutcome outcome(CloudEvent.Data data) {
    return JobOutcome.of(data.run().outcome().orElse("succeeded"));
  }

  private static boolean isUnfit(String name) {
    return name == null || name.isBlank() || name.length() > MAX_NAME || name.indexOf(0) >= 0;
  }

  private UsageRecorded recorded(Tx tx, CloudEvent event, String eventId, Instant time) {
    CloudEvent.Data data = event.data();
    OfferedPlan plan = plans.of(tx, event.subject(), time);
    long latency = Math.max(0, data.latencyMillis().orElse(0L));
    return new UsageRecorded(
        new UsageRecorded.Source(
            eventId,
            EventId.requestId(eventId),
            0,
            "cloudevents",
            0,
            time.minusMillis(latency),
            time),
        new UsageRecorded.Who(
            event.subject(), data.keyId() == null ? "" : data.keyId(), data.tags()),
        new UsageRecorded.What(
            data.capability(),
            data.model(),
            data.run().tier().orElse(plan.access().tier()),
            data.run().pool().orElse("external"),
            data.run().gateway().orElse("external")),
        new UsageRecorded.End(
            data.run().status().orElse(200),
            outcome(data),
            data.units(),
            data.plan().orElse(plan.id() + "@" + plan.version()),
            Optional.empty(),
            NanoUsd.ZERO,
            latency));
  }
}
