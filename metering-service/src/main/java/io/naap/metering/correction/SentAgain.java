package io.naap.metering.correction;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends charges and refunds to the ledger again, with the stored amounts. The ledger books each
 * usage event once, so it ignores those it already has.
 */
@ApplicationScoped
public class SentAgain {
  private final Outbox outbox;
  private final DraftInvoices drafts;
  private final Ids ids;

  SentAgain(Outbox outbox, DraftInvoices drafts, Ids ids) {
    this.outbox = outbox;
    this.drafts = drafts;
    this.ids = ids;
  }

  /**
   * Runs in the caller's transaction. Skips quarantined events and failed jobs, which are not
   * charged.
   */
  public void send(Tx tx, List<String> usageEventIds) {
    List<String> charges = new ArrayList<>();
    List<String> refunds = new ArrayList<>();
    for (Row row :
        tx.query(
            "select * from usage_event where event_id = any($1) and state <> 'quarantined'"
                + " and outcome <> 'failed' order by event_id",
            (Object) usageEventIds.toArray(String[]::new))) {
      if ("reversal".equals(row.getString("state"))) {
        refunds.add(Json.write(refund(tx, row)));
      } else {
        charges.add(Json.write(charge(row)));
      }
    }
    outbox.add(tx, Topic.CHARGES, charges);
    outbox.add(tx, Topic.FEES, refunds);
  }

  private ChargeRated charge(Row row) {
    String usageEventId = row.getString("event_id");
    Map<Unit, Long> amounts = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      amounts.put(unit, row.getLong(unit.wireName()));
    }
    boolean corrects = row.getString("corrects") != null;
    return new ChargeRated(
        new ChargeRated.Source(
            ids.next(IdKind.EVENT),
            usageEventId,
            EventId.requestId(usageEventId),
            row.getOffsetDateTime("occurred_at").toInstant(),
            row.getOffsetDateTime("received_at").toInstant()),
        new ChargeRated.Job(
            row.getString("tenant_id"),
            row.getString("key_id"),
            row.getString("capability"),
            row.getString("model"),
            row.getString("pool"),
            row.getString("gateway"),
            Units.of(amounts)),
        new ChargeRated.Price(
            row.getString("plan"),
            corrects ? Optional.empty() : Optional.ofNullable(row.getString("funding_id")),
            NanoUsd.ofNanos(row.getLong("cost")),
            sponsored(row, row.getLong("sponsored")),
            Optional.of(NanoUsd.ofNanos(row.getLong("estimated_cost")))));
  }

  private FeeCharged refund(Tx tx, Row row) {
    String tenant = row.getString("tenant_id");
    return new FeeCharged(
        row.getString("event_id"),
        row.getOffsetDateTime("received_at").toInstant(),
        tenant,
        "adjustment",
        drafts.of(tx, tenant, row.getOffsetDateTime("occurred_at").toInstant()),
        NanoUsd.ofNanos(row.getLong("cost")),
        sponsored(row, -row.getLong("sponsored")),
        Optional.of(row.getString("corrects")));
  }

  private static Optional<Sponsored> sponsored(Row row, long amount) {
    return amount > 0
        ? Optional.of(new Sponsored(row.getString("budget_id"), NanoUsd.ofNanos(amount)))
        : Optional.empty();
  }
}
