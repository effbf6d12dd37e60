package io.naap.metering.correction;

import io.naap.contracts.ids.EventId;
import io.naap.contracts.metering.Unit;
import io.naap.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Stores reversal events in Postgres and lowers the sums of usage by them. */
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
        from usage_event where event_id = $1"""
            .formatted(UNITS, NEGATED),
        eventId,
        now.atOffset(ZoneOffset.UTC),
        late);
    tx.change("update usage_event set state = 'corrected' where event_id = $1", eventId);
    if (late) {
      tx.change(
          """
          insert into adjustment (event_id, tenant_id, occurred_at, key_id, capability, model, cost)
          select event_id, tenant_id, occurred_at, key_id, capability, model, cost from usage_event where event_id = $1""",
          EventId.reversal(eventId));
    }
  }

  /**
   * Subtracts the event from the sums of usage. Its job is subtracted only when no replacement
   * follows, which keeps counting as the same job.
   */
  static void count(Tx tx, String eventId, boolean replaced) {
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
