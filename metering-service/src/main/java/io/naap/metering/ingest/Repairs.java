package io.naap.metering.ingest;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.plan.Plans;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a person does to usage: a quarantined event is repaired and rated, a wrong one is taken back
 * by a reversal and, where something is right instead, replaced. Nothing is removed.
 */
@ApplicationScoped
class Repairs {
  private static final String NEGATED =
      Arrays.stream(Unit.values())
          .map(unit -> "-" + unit.wireName())
          .collect(Collectors.joining(", "));

  private static final String UNITS =
      Arrays.stream(Unit.values()).map(Unit::wireName).collect(Collectors.joining(", "));

  private final Transactions transactions;
  private final Ingest ingest;
  private final UsageStore store;
  private final Plans plans;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  Repairs(
      Transactions transactions,
      Ingest ingest,
      UsageStore store,
      Plans plans,
      Outbox outbox,
      Ids ids,
      Clock clock) {
    this.transactions = transactions;
    this.ingest = ingest;
    this.store = store;
    this.plans = plans;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  /** Rates a quarantined event again. */
  RepairRequest.Repaired replay(String eventId, RepairRequest patch) {
    StoredRow done =
        transactions.run(
            tx -> {
              Row row =
                  tx.one(
                          "select payload from usage_event where event_id = $1"
                              + " and state = 'quarantined' for update",
                          eventId)
                      .orElseThrow(() -> Refusal.notFound("quarantined event").raise());
              UsageRecorded event = patched(event(row.getString("payload")), patch);
              StoredRow stored = ingest.rate(tx, List.of(event), Ingest.Repair.REPLAY).getFirst();
              update(tx, stored);
              ingest.count(tx, List.of(stored));
              return stored;
            });
    ingest.done(List.of(done));
    return new RepairRequest.Repaired(
        eventId, done.state(), done.reason(), done.metered().amount());
  }

  private static UsageRecorded patched(UsageRecorded event, RepairRequest patch) {
    return new UsageRecorded(
        event.source(),
        new UsageRecorded.Who(event.tenantId(), patch.keyId().orElse(event.keyId()), event.tags()),
        new UsageRecorded.What(
            patch.capability().orElse(event.capability()),
            patch.model().orElse(event.model()),
            event.tier(),
            event.pool(),
            event.gateway()),
        new UsageRecorded.End(
            event.status(),
            event.outcome(),
            patch.units().orElse(event.units()),
            patch.plan().orElse(event.plan()),
            event.fundingId(),
            event.estimatedCost(),
            event.latencyMillis()));
  }

  private static void update(Tx tx, StoredRow stored) {
    UsageRecorded event = stored.event();
    tx.change(
        """
        update usage_event set key_id = $2, capability = $3, model = $4, plan = $5, requests = $6, pixels = $7,
          generations = $8, tokens_in = $9, tokens_out = $10, milliseconds = $11, characters = $12, cost = $13,
          sponsored = $14, waived = $15, network_cost = $16, state = $17, late = $18, reason = $19, budget_id = $20,
          position = $21::text::jsonb, payload = $22, received_at = $23
        where event_id = $1""",
        stored.eventId(),
        event.keyId(),
        event.capability(),
        event.model(),
        event.plan(),
        event.units().get(Unit.REQUESTS),
        event.units().get(Unit.PIXELS),
        event.units().get(Unit.GENERATIONS),
        event.units().get(Unit.TOKENS_IN),
        event.units().get(Unit.TOKENS_OUT),
        event.units().get(Unit.MILLISECONDS),
        event.units().get(Unit.CHARACTERS),
        stored.metered().amount().nanos(),
        stored.sponsored(),
        stored.metered().waived().nanos(),
        stored.networkCost(),
        stored.state(),
        stored.late(),
        stored.reason(),
        stored.budgetId(),
        stored.position(),
        stored.payload(),
        stored.receivedAt().atOffset(ZoneOffset.UTC));
  }

  /**
   * Takes an event back, and puts another in its place where there are units.
   *
   * @param units what was right; absent when nothing was
   */
  RepairRequest.Repaired correct(String eventId, Optional<Units> units) {
    Optional<StoredRow> placed =
        transactions.run(
            tx -> {
              Row row =
                  tx.one(
                          "select *, position::text position_text from usage_event where event_id = $1 for update",
                          eventId)
                      .orElseThrow(() -> Refusal.notFound("event").raise());
              if (!List.of("accepted", "late").contains(row.getString("state"))) {
                throw Refusal.conflict(
                        "not_correctable",
                        "Only an accepted or late event can be corrected, and once.")
                    .raise();
              }
              tx.query("select pg_advisory_xact_lock_shared($1)", Ingest.CLOSING_LOCK);
              reverse(tx, row, units.isPresent());
              return units.map(right -> replace(tx, row, right));
            });
    outbox.poke();
    placed.ifPresent(one -> ingest.done(List.of(one)));
    return placed
        .map(
            one ->
                new RepairRequest.Repaired(
                    one.eventId(), one.state(), one.reason(), one.metered().amount()))
        .orElse(new RepairRequest.Repaired(eventId, "corrected", null, NanoUsd.ZERO));
  }

  /** Of the job that a usage event is of. */
  static String requestId(String usageEventId) {
    return usageEventId.substring(0, 30);
  }

  private StoredRow replace(Tx tx, Row row, Units units) {
    UsageRecorded event =
        new UsageRecorded(
            new UsageRecorded.Source(
                row.getString("event_id"),
                requestId(row.getString("event_id")),
                row.getInteger("sequence"),
                "correction",
                0,
                row.getOffsetDateTime("opened_at").toInstant(),
                row.getOffsetDateTime("occurred_at").toInstant()),
            new UsageRecorded.Who(
                row.getString("tenant_id"),
                row.getString("key_id"),
                List.of(row.getArrayOfStrings("tags"))),
            new UsageRecorded.What(
                row.getString("capability"),
                row.getString("model"),
                row.getString("tier"),
                row.getString("pool"),
                row.getString("gateway")),
            new UsageRecorded.End(
                row.getInteger("status"),
                row.getString("outcome"),
                units,
                row.getString("plan"),
                Optional.empty(),
                NanoUsd.ZERO,
                row.getLong("latency_millis")));
    StoredRow stored = ingest.rate(tx, List.of(event), Ingest.Repair.REPLACEMENT).getFirst();
    if (stored.isQuarantined()) {
      throw Refusal.invalid("The corrected event cannot be rated: " + stored.reason() + ".")
          .raise();
    }
    store.insert(tx, List.of(stored));
    ingest.count(tx, List.of(stored));
    return stored;
  }

  private void reverse(Tx tx, Row row, boolean replaced) {
    String eventId = row.getString("event_id");
    String tenant = row.getString("tenant_id");
    Instant occurredAt = row.getOffsetDateTime("occurred_at").toInstant();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    retract(tx, row);
    boolean late =
        tx.one(
                "select closed_through > $2 from tenant_account where tenant_id = $1",
                tenant,
                row.getOffsetDateTime("occurred_at"))
            .map(account -> account.getBoolean(0))
            .filter(Boolean::booleanValue)
            .isPresent();
    tx.change(
        """
        insert into usage_event (event_id, spool_position, opened_at, occurred_at, received_at, %1$s, cost, sponsored,
          waived, estimated_cost, network_cost, latency_millis, sequence, status, tenant_id, key_id, capability, model,
          tier, pool, gateway, instance, outcome, plan, state, late, budget_id, corrects, tags)
        select event_id || '-r', 0, opened_at, occurred_at, $2, %2$s, -cost, -sponsored, -waived, 0, -network_cost,
          latency_millis, sequence, status, tenant_id, key_id, capability, model, tier, pool, gateway, 'correction',
          outcome, plan, 'reversal', $3, budget_id, event_id, tags
        from usage_event where event_id = $1"""
            .formatted(UNITS, NEGATED),
        eventId,
        now.atOffset(ZoneOffset.UTC),
        late);
    tx.change("update usage_event set state = 'corrected' where event_id = $1", eventId);
    count(tx, eventId + "-r", replaced);
    NanoUsd cost = NanoUsd.ofNanos(row.getLong("cost"));
    if (late) {
      tx.change(
          """
          insert into adjustment (event_id, tenant_id, occurred_at, key_id, capability, model, cost)
          select event_id, tenant_id, occurred_at, key_id, capability, model, cost from usage_event where event_id = $1""",
          eventId + "-r");
    }
    if (row.getLong("sponsored") > 0) {
      tx.change(
          "update budget set spent = spent - $2 where id = $1",
          row.getString("budget_id"),
          row.getLong("sponsored"));
    }
    Optional<Sponsored> sponsored =
        row.getLong("sponsored") > 0
            ? Optional.of(
                new Sponsored(
                    row.getString("budget_id"), NanoUsd.ofNanos(row.getLong("sponsored"))))
            : Optional.empty();
    if (cost.isPositive() || sponsored.isPresent()) {
      outbox.add(
          tx,
          Topic.FEES,
          List.of(
              Json.write(
                  new FeeCharged(
                      // Of the reversal, so that it is the same when it is sent again.
                      eventId + "-r",
                      now,
                      tenant,
                      "adjustment",
                      draft(tx, tenant, occurredAt),
                      cost.negated(),
                      sponsored,
                      Optional.of(eventId)))));
    }
  }

  /**
   * What the event moved in its period, and in the sponsor's and the trial's money, is moved back.
   */
  private void retract(Tx tx, Row row) {
    Optional<Plan> plan = plans.version(tx, row.getString("plan"));
    String text = row.getString("position_text");
    if (text == null || plan.isEmpty()) {
      return;
    }
    PeriodUsage before = position(text);
    Map<Unit, Long> amounts = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      amounts.put(unit, row.getLong(unit.wireName()));
    }
    if (Rating.rate(
            plan.get(),
            row.getString("capability"),
            row.getString("model"),
            Units.of(amounts),
            before)
        instanceof Rated.Priced priced) {
      OffsetDateTime start =
          Anchors.of(tx, row.getString("tenant_id"))
              .period(row.getOffsetDateTime("occurred_at").toInstant())
              .start()
              .atOffset(ZoneOffset.UTC);
      tx.one(
              "select position::text from tenant_position"
                  + " where tenant_id = $1 and period_start = $2 and plan = $3 for update",
              row.getString("tenant_id"),
              start,
              row.getString("plan"))
          .ifPresent(
              place ->
                  tx.change(
                      "update tenant_position set position = $4::text::jsonb"
                          + " where tenant_id = $1 and period_start = $2 and plan = $3",
                      row.getString("tenant_id"),
                      start,
                      row.getString("plan"),
                      text(position(place.getString(0)).without(before, priced.after()))));
    }
  }

  private static PeriodUsage position(String text) {
    return Json.read(text, PeriodUsage.class);
  }

  private static UsageRecorded event(String payload) {
    return Json.read(payload, UsageRecorded.class);
  }

  private static String text(PeriodUsage position) {
    return Json.write(position);
  }

  /** The invoice that will show what changes now: the one of the first period that is open. */
  String draft(Tx tx, String tenant, Instant occurredAt) {
    Optional<Row> account =
        tx.one(
            "select closed_through, "
                + Anchors.COLUMNS
                + " from tenant_account where tenant_id = $1",
            tenant);
    Instant closed =
        account
            .map(row -> row.getOffsetDateTime("closed_through"))
            .map(OffsetDateTime::toInstant)
            .filter(occurredAt::isBefore)
            .orElse(occurredAt);
    Period period = account.map(Anchors::of).orElse(Anchors.CALENDAR).period(closed);
    return tx.one(
            """
            insert into invoice (id, tenant_id, kind, status, period_start, period_end, document, total, due)
            values ($1, $2, 'invoice', 'draft', $3, $4, '{}', 0, 0)
            on conflict (tenant_id, period_start) where kind = 'invoice' do update set total = invoice.total
            returning id""",
            ids.next(IdKind.INVOICE),
            tenant,
            period.start().atOffset(ZoneOffset.UTC),
            period.end().atOffset(ZoneOffset.UTC))
        .orElseThrow()
        .getString(0);
  }

  private static void count(Tx tx, String eventId, boolean replaced) {
    String sums =
        Arrays.stream(
                (UNITS + ", jobs, events, cost, sponsored, waived, network_cost").split(", ", -1))
            .map(column -> "%1$s = usage_rollup.%1$s + excluded.%1$s".formatted(column))
            .collect(Collectors.joining(", "));
    tx.change(
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          %1$s, jobs, events, cost, sponsored, waived, network_cost)
        select g, date_trunc(g, occurred_at, 'UTC'), tenant_id, key_id, capability, model, tier, status, outcome, late,
          %1$s, case when sequence = 0 and not $2 then -1 else 0 end, 1, cost, sponsored, waived,
          coalesce(network_cost, 0)
        from usage_event, unnest(array['day', 'hour', 'minute']) g where event_id = $1
        order by g
        on conflict (tenant_id, granularity, bucket, key_id, capability, model, tier, status, outcome, late)
        do update set %2$s"""
            .formatted(UNITS, sums),
        eventId,
        replaced);
    tx.change(
        """
        update usage_tag t set %s, jobs = t.jobs + case when e.sequence = 0 and not $2 then -1 else 0 end,
          cost = t.cost + e.cost
        from usage_event e
        where e.event_id = $1 and t.tenant_id = e.tenant_id and t.bucket = date_trunc('day', e.occurred_at, 'UTC')
          and t.tag = any(e.tags)"""
            .formatted(
                Arrays.stream(Unit.values())
                    .map(unit -> "%1$s = t.%1$s + e.%1$s".formatted(unit.wireName()))
                    .collect(Collectors.joining(", "))),
        eventId,
        replaced);
  }
}
