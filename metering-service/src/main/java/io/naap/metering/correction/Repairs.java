package io.naap.metering.correction;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.ingest.BatchRater;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.ingest.StoredRow;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.ZoneOffset;
import java.util.List;

/** Applies an operator's patch to a quarantined event, rates it again and stores the result. */
@ApplicationScoped
class Repairs {
  private final Transactions transactions;
  private final Ingest ingest;
  private final BatchRater rater;

  Repairs(Transactions transactions, Ingest ingest, BatchRater rater) {
    this.transactions = transactions;
    this.ingest = ingest;
    this.rater = rater;
  }

  /**
   * Patches, rates, updates and counts a quarantined event in one transaction. The event stays
   * quarantined when it still cannot be rated.
   */
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
              StoredRow stored =
                  rater.rate(tx, List.of(event), BatchRater.Repair.REPLAY).getFirst();
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
        where event_id = $1\
        """,
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

  private static UsageRecorded event(String payload) {
    return Json.read(payload, UsageRecorded.class);
  }
}
