package io.naap.metering.correction;

import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.metering.period.Anchors;
import io.naap.metering.plan.PlanVersions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Takes the units of a reversed event out of the tenant's period position in Postgres. */
@ApplicationScoped
class PeriodRetraction {
  private final PlanVersions plans;

  PeriodRetraction(PlanVersions plans) {
    this.plans = plans;
  }

  /**
   * Runs in the caller's transaction. Does nothing for an event whose price did not depend on the
   * position of its period.
   */
  void retract(Tx tx, Row row) {
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

  private static String text(PeriodUsage position) {
    return Json.write(position);
  }
}
