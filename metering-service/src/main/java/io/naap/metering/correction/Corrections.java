package io.naap.metering.correction;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.ingest.BatchRater;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.ingest.StoredRow;
import io.naap.metering.ingest.UsageStore;
import io.naap.metering.ingest.UsageSums;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Corrects a wrong usage event: stores a reversal and, when correct units are given, a replacement
 * event. Nothing is deleted, and an event can be corrected only once.
 */
@ApplicationScoped
class Corrections {
  private final Transactions transactions;
  private final Ingest ingest;
  private final BatchRater rater;
  private final UsageStore store;
  private final PeriodRetraction retraction;
  private final DraftInvoices drafts;
  private final Outbox outbox;
  private final Clock clock;

  Corrections(
      Transactions transactions,
      Ingest ingest,
      BatchRater rater,
      UsageStore store,
      PeriodRetraction retraction,
      DraftInvoices drafts,
      Outbox outbox,
      Clock clock) {
    this.transactions = transactions;
    this.ingest = ingest;
    this.rater = rater;
    this.store = store;
    this.retraction = retraction;
    this.drafts = drafts;
    this.outbox = outbox;
    this.clock = clock;
  }

  /**
   * Reverses an event and, when units are given, stores a replacement.
   *
   * @param units the correct units; absent to reverse the event without a replacement
   */
  RepairRequest.Repaired correct(String eventId, Optional<Units> units) {
    Optional<StoredRow> placed =
        transactions.run(
            tx -> {
              Row row =
                  tx.one(
                          "select *, position::text position_text from usage_event where event_id ="
                              + " $1 for update",
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

  /** A stored event, with these units. */
  private static UsageRecorded event(Row row, Units units) {
    return new UsageRecorded(
        new UsageRecorded.Source(
            row.getString("event_id"),
            EventId.requestId(row.getString("event_id")),
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
            JobOutcome.of(row.getString("outcome")),
            units,
            row.getString("plan"),
            Optional.empty(),
            NanoUsd.ZERO,
            row.getLong("latency_millis")));
  }

  private StoredRow replace(Tx tx, Row row, Units units) {
    UsageRecorded event = event(row, units);
    StoredRow stored = rater.rate(tx, List.of(event), BatchRater.Repair.REPLACEMENT).getFirst();
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
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    retraction.retract(tx, row);
    boolean late = isOfAClosedPeriod(tx, row);
    Reversals.store(tx, eventId, now, late);
    UsageSums.count(tx, List.of(reversal(row, late, replaced)));
    Optional<Sponsored> sponsored = sponsored(row);
    sponsored.ifPresent(
        part ->
            tx.change(
                "update budget set spent = spent - $2 where id = $1",
                part.budgetId(),
                part.amount().nanos()));
    giveBack(tx, row, now, sponsored);
  }

  /** What the reversal of a stored event adds to the sums. */
  private static UsageSums.Counted reversal(Row row, boolean late, boolean replaced) {
    Map<Unit, Long> units = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      units.put(unit, row.getLong(unit.wireName()));
    }
    Long networkCost = row.getLong("network_cost");
    return new UsageSums.Counted(
        event(row, Units.of(units)),
        late,
        -1,
        !replaced,
        row.getLong("cost"),
        row.getLong("sponsored"),
        row.getLong("waived"),
        networkCost == null ? 0 : networkCost);
  }

  private static boolean isOfAClosedPeriod(Tx tx, Row row) {
    return tx.one(
            "select closed_through > $2 from tenant_account where tenant_id = $1",
            row.getString("tenant_id"),
            row.getOffsetDateTime("occurred_at"))
        .map(account -> account.getBoolean(0))
        .filter(Boolean::booleanValue)
        .isPresent();
  }

  private static Optional<Sponsored> sponsored(Row row) {
    return row.getLong("sponsored") > 0
        ? Optional.of(
            new Sponsored(row.getString("budget_id"), NanoUsd.ofNanos(row.getLong("sponsored"))))
        : Optional.empty();
  }

  /** Sends the ledger, through the outbox, the amounts to refund to the tenant and its sponsor. */
  private void giveBack(Tx tx, Row row, Instant now, Optional<Sponsored> sponsored) {
    NanoUsd cost = NanoUsd.ofNanos(row.getLong("cost"));
    if (!cost.isPositive() && sponsored.isEmpty()) {
      return;
    }
    String eventId = row.getString("event_id");
    String tenant = row.getString("tenant_id");
    Instant occurredAt = row.getOffsetDateTime("occurred_at").toInstant();
    outbox.add(
        tx,
        Topic.FEES,
        List.of(
            Json.write(
                new FeeCharged(
                    // The reversal's id, so that the ledger refunds once even when this is sent
                    // again.
                    EventId.reversal(eventId),
                    now,
                    tenant,
                    "adjustment",
                    drafts.of(tx, tenant, occurredAt),
                    cost.negated(),
                    sponsored,
                    Optional.of(eventId)))));
  }
}
