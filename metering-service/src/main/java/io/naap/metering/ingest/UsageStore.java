package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.store.Tx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Usage events, their sums and the spools' watermarks, in Postgres. Hand-written SQL: a batch is
 * three statements, whatever its size.
 */
@ApplicationScoped
class UsageStore {
  private static final Map<String, ChronoUnit> GRANULARITIES =
      Map.of("minute", ChronoUnit.MINUTES, "hour", ChronoUnit.HOURS, "day", ChronoUnit.DAYS);

  /** Stores the events that are new and says which those are. */
  Set<String> insert(Tx tx, List<Metered> batch, Instant now) {
    JsonArray rows = new JsonArray();
    batch.forEach(one -> rows.add(row(one, now)));
    Set<String> fresh = new HashSet<>();
    tx.query(
            """
            insert into usage_event
            select * from jsonb_populate_recordset(null::usage_event, $1)
            on conflict (event_id) do nothing returning event_id""",
            rows)
        .forEach(row -> fresh.add(row.getString("event_id")));
    return fresh;
  }

  private static JsonObject row(Metered one, Instant now) {
    UsageRecorded event = one.event();
    JsonObject row =
        new JsonObject()
            .put("event_id", event.eventId())
            .put("request_id", event.requestId())
            .put("sequence", event.sequence())
            .put("instance", event.instance())
            .put("spool_position", event.spoolPosition())
            .put("opened_at", event.openedAt().toString())
            .put("occurred_at", event.occurredAt().toString())
            .put("tenant_id", event.tenantId())
            .put("key_id", event.keyId())
            .put("tags", new JsonArray(event.tags()))
            .put("capability", event.capability())
            .put("model", event.model())
            .put("tier", event.tier())
            .put("pool", event.pool())
            .put("gateway", event.gateway())
            .put("status", event.status())
            .put("outcome", event.outcome())
            .put("plan", event.plan())
            .put("funding_id", event.fundingId().orElse(null))
            .put("estimated_cost", event.estimatedCost().nanos())
            .put("latency_millis", event.latencyMillis())
            .put("state", one.state())
            .put("reason", one instanceof Metered.Quarantined q ? q.reason() : null)
            .put("cost", one.amount().nanos())
            .put("received_at", now.toString());
    putUnits(row, event.units());
    return row;
  }

  private static void putUnits(JsonObject row, Units units) {
    for (Unit unit : Unit.values()) {
      row.put(unit.wireName(), units.get(unit));
    }
  }

  private record Group(
      String tenantId,
      String granularity,
      Instant bucket,
      String keyId,
      String capability,
      String model,
      String tier,
      int status,
      String outcome) {
    /** The order of the primary key, so that two transactions never wait in a circle. */
    static final Comparator<Group> ORDER =
        Comparator.comparing(Group::tenantId)
            .thenComparing(Group::granularity)
            .thenComparing(Group::bucket)
            .thenComparing(Group::keyId)
            .thenComparing(Group::capability)
            .thenComparing(Group::model)
            .thenComparing(Group::tier)
            .thenComparing(Group::status)
            .thenComparing(Group::outcome);
  }

  private record Sum(long jobs, Units units, NanoUsd cost) {
    Sum plus(Sum other) {
      return new Sum(jobs + other.jobs, units.plus(other.units), cost.plus(other.cost));
    }
  }

  /** Adds events to their minute, hour and day. */
  void count(Tx tx, List<Metered> stored) {
    if (stored.isEmpty()) {
      return;
    }
    Map<Group, Sum> sums = new TreeMap<>(Group.ORDER);
    for (Metered one : stored) {
      UsageRecorded event = one.event();
      // A live stream is one job, however many stretches it is recorded in.
      Sum sum = new Sum(event.sequence() == 0 ? 1 : 0, event.units(), one.amount());
      GRANULARITIES.forEach(
          (granularity, unit) -> sums.merge(group(event, granularity, unit), sum, Sum::plus));
    }
    JsonArray rows = new JsonArray();
    sums.forEach((group, sum) -> rows.add(row(group, sum)));
    tx.change(
        """
        insert into usage_rollup
        select * from jsonb_populate_recordset(null::usage_rollup, $1)
        on conflict (tenant_id, granularity, bucket, key_id, capability, model, tier, status,
          outcome)
        do update set jobs = usage_rollup.jobs + excluded.jobs,
          requests = usage_rollup.requests + excluded.requests,
          pixels = usage_rollup.pixels + excluded.pixels,
          generations = usage_rollup.generations + excluded.generations,
          tokens_in = usage_rollup.tokens_in + excluded.tokens_in,
          tokens_out = usage_rollup.tokens_out + excluded.tokens_out,
          milliseconds = usage_rollup.milliseconds + excluded.milliseconds,
          characters = usage_rollup.characters + excluded.characters,
          cost = usage_rollup.cost + excluded.cost""",
        rows);
  }

  private static Group group(UsageRecorded event, String granularity, ChronoUnit unit) {
    return new Group(
        event.tenantId(),
        granularity,
        event.occurredAt().truncatedTo(unit),
        event.keyId(),
        event.capability(),
        event.model(),
        event.tier(),
        event.status(),
        event.outcome());
  }

  private static JsonObject row(Group group, Sum sum) {
    JsonObject row =
        new JsonObject()
            .put("tenant_id", group.tenantId())
            .put("granularity", group.granularity())
            .put("bucket", group.bucket().toString())
            .put("key_id", group.keyId())
            .put("capability", group.capability())
            .put("model", group.model())
            .put("tier", group.tier())
            .put("status", group.status())
            .put("outcome", group.outcome())
            .put("jobs", sum.jobs())
            .put("cost", sum.cost().nanos());
    putUnits(row, sum.units());
    return row;
  }

  /** Moves the watermarks of spools over what is stored without a gap; gives where they are. */
  Map<String, Long> advance(Tx tx, Collection<String> instances) {
    Map<String, Long> positions = new HashMap<>();
    for (String instance : new TreeSet<>(instances)) {
      tx.change(
          "insert into spool (instance, committed) values ($1, 0) on conflict do nothing",
          instance);
      long committed =
          tx.one("select committed from spool where instance = $1 for update", instance)
              .orElseThrow()
              .getLong("committed");
      long reached = committed;
      List<Row> above =
          tx.query(
              "select distinct spool_position from usage_event"
                  + " where instance = $1 and spool_position > $2"
                  + " order by spool_position limit 10000",
              instance,
              committed);
      for (Row row : above) {
        if (row.getLong("spool_position") != reached + 1) {
          break;
        }
        reached++;
      }
      if (reached > committed) {
        tx.change("update spool set committed = $2 where instance = $1", instance, reached);
      }
      positions.put(instance, reached);
    }
    return positions;
  }
}
