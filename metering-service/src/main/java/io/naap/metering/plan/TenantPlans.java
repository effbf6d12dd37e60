package io.naap.metering.plan;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Standing;
import io.naap.contracts.rating.TenantPlan;
import io.naap.contracts.rating.Terms;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads the plan of a tenant as routers need it: prices, limits, standing and the position of its
 * current period.
 */
@ApplicationScoped
public class TenantPlans {
  private final Transactions transactions;
  private final PlanVersions plans;
  private final Assignments assignments;
  private final Clock clock;

  TenantPlans(Transactions transactions, PlanVersions plans, Assignments assignments, Clock clock) {
    this.transactions = transactions;
    this.plans = plans;
    this.assignments = assignments;
    this.clock = clock;
  }

  /** Returns the plan in force for a tenant now. */
  public TenantPlan of(String tenantId) {
    return transactions.run(tx -> of(tx, tenantId));
  }

  private TenantPlan of(Tx tx, String tenantId) {
    Instant now = clock.instant();
    OfferedPlan offered = plans.of(tx, tenantId, now);
    Optional<Row> account =
        tx.one(
            "select standing, " + Anchors.COLUMNS + " from tenant_account where tenant_id = $1",
            tenantId);
    Plan plan = offered.plan();
    return new TenantPlan(
        tenantId,
        plan,
        offered.access(),
        account.map(row -> Standing.of(row.getString("standing"))).orElse(Standing.GOOD),
        plan.dependsOnPosition()
            ? Optional.of(
                position(
                    tx,
                    tenantId,
                    plan,
                    account.map(Anchors::of).orElse(Anchors.CALENDAR).period(now),
                    now))
            : Optional.empty());
  }

  private PeriodUsage position(Tx tx, String tenantId, Plan plan, Period period, Instant now) {
    PeriodUsage stored =
        plans
            .position(tx, tenantId, plan, period.start())
            .orElseGet(
                () -> PeriodUsage.START.withShare(assignments.share(tx, tenantId, plan, period)));
    Map<String, NanoUsd> budgets = new TreeMap<>();
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Grant grant) {
        tx.one("select total - spent from budget where id = $1", grant.budgetId())
            .ifPresent(row -> budgets.put(grant.budgetId(), NanoUsd.ofNanos(row.getLong(0))));
      }
    }
    return stored
        .withBudgets(budgets)
        .withTrialLeft(
            plan.terms().trial().flatMap(terms -> trial(tx, tenantId, plan, terms, now)));
  }

  private static Optional<NanoUsd> trial(
      Tx tx, String tenantId, Plan plan, Terms.Trial terms, Instant now) {
    NanoUsd endless = NanoUsd.ofNanos(Long.MAX_VALUE);
    Optional<Row> begun =
        tx.one(
            "select until, left_nanos from tenant_trial where tenant_id = $1 and plan_id = $2",
            tenantId,
            plan.id());
    if (begun.isPresent()) {
      return now.isBefore(begun.get().getOffsetDateTime("until").toInstant())
          ? Optional.of(
              Optional.ofNullable(begun.get().getLong("left_nanos"))
                  .map(NanoUsd::ofNanos)
                  .orElse(endless))
          : Optional.empty();
    }
    Optional<Instant> given =
        tx.one(
                "select min(effective_from) from tenant_assignment where tenant_id = $1 and plan_id"
                    + " = $2",
                tenantId,
                plan.id())
            .map(row -> row.getOffsetDateTime(0))
            .map(time -> time.toInstant());
    boolean over =
        given.filter(at -> at.plus(Duration.ofDays(terms.days())).isBefore(now)).isPresent();
    return over ? Optional.empty() : Optional.of(terms.most().orElse(endless));
  }
}
