package io.naap.router.neighbour;

import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/** Caches the plans of tenants, and prices jobs under them. */
@Singleton
public class TenantPlans implements ChangeListener {
  private static final Logger LOG = Logger.getLogger(TenantPlans.class);
  private static final Duration KEPT = Duration.ofSeconds(30);
  private static final int MOST = 20_000;

  private final PlansClient metering;
  private final NeighbourGuard guard;
  private final NeighbourGuards guards;
  private final RefreshingCache<TenantPlan> known;

  TenantPlans(
      @RestClient PlansClient metering, NeighbourGuards guards, CacheConfig cache, Clock clock) {
    this.metering = metering;
    this.guard = guards.guard("metering");
    this.guards = guards;
    this.known =
        new RefreshingCache<>(
            MOST,
            plan -> KEPT,
            plan -> List.of(plan.tenantId()),
            cache.staleFor(),
            guards.aside(),
            clock);
  }

  public Future<TenantPlan> of(String tenantId) {
    return known.of(tenantId, () -> ask(tenantId));
  }

  private Future<TenantPlan> ask(String tenantId) {
    return guard
        .call(() -> metering.plan(tenantId), guards.context())
        .recover(
            failure -> {
              LOG.debugf(failure, "metering-service did not answer");
              return Future.failedFuture(
                  Refusal.unavailable("The price list cannot be read right now; try again.")
                      .raise());
            });
  }

  /**
   * What a job costs where the tenant stands in its billing period; when that is not known, the
   * most that it may cost in the period, because a hold must never be too small for the bill.
   *
   * @throws Refusal.RefusedException when the plan has no price for it
   */
  public static NanoUsd cost(TenantPlan plan, String capability, String model, Units units) {
    return plan.most(capability, model, units)
        .orElseThrow(
            () ->
                Refusal.of(
                        403,
                        "not_in_plan",
                        "Your plan has no price for " + capability + " with " + model + ".")
                    .raise());
  }

  @Override
  public void planChanged(PlanChanged changed) {
    changed.tenantId().ifPresentOrElse(known::changed, this::forgetAll);
  }

  @Override
  public void forgetAll() {
    known.forgetAll();
  }
}
