package io.naap.metering.correction;

import io.naap.contracts.ids.EventId;
import io.naap.contracts.metering.Unit;
import io.naap.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Stores reversal events in Postgres. */
final class Reversals {
  private static final String NEGATED =
      Arrays.stream(Unit.values())
          .map(unit -> "-" + unit.wireName())
          .collect(Collectors.joining(", "));

  private static final String UNITS =
      Arrays.stream(Unit.values()).map(Unit::wireName).collect(Collectors.joining(", "));

  private Reversals() {}

  /**
   * Stores the reversal of an event, and marks the event as corrected so that it cannot be
   * corrected again. A late reversal is also added to the adjustments for the next invoice.
   */
  static void store(Tx tx, String eventId, Instant now, boolean late) {
    tx.change(
        """
        insert into usage_event (event_id, spool_position, opened_at, occurred_at, received_at, %1$s, cost, sponsored,
          waived, estimated_cost, network_cost, latency_millis, sequence, status, tenant_id, key_id, capability, model,
          tier, pool, gateway, instance, outcome, plan, state, late, budget_id, corrects, tags)
        select event_id || '-r', 0, opened_at, occurred_at, $2, %2$s, -cost, -sponsored, -waived, 0, -network_cost,
          latency_millis, sequence, status, tenant_id, key_id, capability, model, tier, pool, gateway, 'correction',
          outcome, plan, 'reversal', $3, budget_id, event_id, tags
        from usage_event where event_id = $1\
        """
            .formatted(UNITS, NEGATED),
        eventId,
        now.atOffset(ZoneOffset.UTC),
        late);
    tx.change("update usage_event set state = 'corrected' where event_id = $1", eventId);
    if (late) {
      tx.change(
          """
          insert into adjustment (event_id, tenant_id, occurred_at, key_id, capability, model, cost)
          select event_id, tenant_id, occurred_at, key_id, capability, model, cost from usage_event where event_id = $1\
          """,
          EventId.reversal(eventId));
    }
  }
}
