package io.naap.router.proxy;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.admission.Admission;
import io.naap.router.admission.AdmissionConfig;
import io.naap.router.admission.Outcome;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.limit.Limits;
import io.naap.router.limit.RateLimitHeaders;
import io.naap.router.neighbour.TenantPlans;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTable;
import io.naap.router.routing.RoutingTables;
import io.naap.router.usage.UsageRecorder;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Checks whether a job that was read may run, finds the gateways for it and takes its hold. The
 * rules are in {@link JobRules}; here their refusals become failures.
 */
@Singleton
public class JobAuthorization implements StreamSlots {
  private final RoutingTables tables;
  private final TenantPlans plans;
  private final Admission admission;
  private final AdmissionConfig config;
  private final UsageRecorder usage;

  JobAuthorization(
      RoutingTables tables,
      TenantPlans plans,
      Admission admission,
      AdmissionConfig config,
      UsageRecorder usage) {
    this.tables = tables;
    this.plans = plans;
    this.admission = admission;
    this.config = config;
    this.usage = usage;
  }

  /**
   * A job that may run.
   *
   * @param held the units that were set aside
   */
  public record Granted(Hold hold, Units held) {}

  /**
   * What is to be held for a job, or for a piece of a stream.
   *
   * @param id the hold's name
   * @param units to set aside
   * @param most that the job may come to
   * @param ttl after which a hold that nobody settles is given back
   */
  public record HoldRequest(
      String id,
      String capability,
      Units units,
      Units most,
      ReservationRequest.Counts counts,
      Duration ttl) {}

  /**
   * Judges what can be judged before any of the body is read: the key's scope, the tenant's
   * standing and its plan.
   *
   * @return how many requests of the key may be sent at once; 0 for any number
   */
  Future<Long> mayBegin(KeyProfile profile, String capability) {
    return planFor(profile, capability)
        .map(
            plan -> {
              raise(JobRules.mayBegin(plan, capability));
              return JobRules.requestsAtOnce(profile, plan, config.defaultConcurrentRequests());
            });
  }

  /** The tenant's plan, for a capability that the key's scope has. */
  private Future<TenantPlan> planFor(KeyProfile profile, String capability) {
    return JobRules.scope(profile, capability)
        .map(refusal -> Future.<TenantPlan>failedFuture(refusal.raise()))
        .orElseGet(() -> plans.of(profile.tenantId()));
  }

  private static void raise(Optional<Refusal> refusal) {
    if (refusal.isPresent()) {
      throw refusal.get().raise();
    }
  }

  /**
   * Finds the model and the gateways of a job, and checks that the key may use them.
   *
   * @param sticky jobs with the same value go to the same gateway
   */
  public Future<RoutedJob> route(
      KeyProfile profile, String capability, Optional<String> asked, Optional<String> sticky) {
    Optional<Refusal> badName = JobRules.modelName(asked);
    if (badName.isPresent()) {
      return Future.failedFuture(badName.get().raise());
    }
    return planFor(profile, capability)
        .map(
            plan -> {
              raise(JobRules.paid(plan));
              return routed(profile, plan, capability, asked, sticky);
            });
  }

  private RoutedJob routed(
      KeyProfile profile,
      TenantPlan plan,
      String capability,
      Optional<String> asked,
      Optional<String> sticky) {
    RoutingTable table = tables.current();
    String tier = plan.access().tierOf(profile.tier());
    String model =
        switch (table.model(capability, tier, asked)) {
          case RoutingTable.Choice.Model chosen -> chosen.name();
          case RoutingTable.Choice.Refused refused -> throw refused.refusal().raise();
        };
    raise(JobRules.model(profile, plan, capability, model));
    long nanos = System.nanoTime();
    List<Route> routes =
        sticky.isPresent()
            ? table.sticky(capability, model, tier, sticky.get(), nanos)
            : table.routes(capability, model, tier, nanos);
    return new RoutedJob(plan, tier, model, routes);
  }

  /**
   * The plan under which what runs for long may go on. Fails when the tenant is overdue, or its
   * plan lost the model or the tier.
   */
  public Future<TenantPlan> mayGoOn(
      KeyProfile profile, String capability, String model, String tier) {
    return plans
        .of(profile.tenantId())
        .map(
            plan -> {
              raise(JobRules.mayGoOn(plan, capability, model, tier));
              return plan;
            });
  }

  /**
   * Takes a hold, or fails with the refusal as the client will see it.
   *
   * @param headers of the answer, which get the limits either way
   */
  public Future<Granted> admit(
      KeyProfile profile, RoutedJob routed, HoldRequest wanted, MultiMap headers, boolean openAi) {
    if (usage.isFull()) {
      return Future.failedFuture(
          Refusal.unavailable("The platform cannot record usage right now; try again.").raise());
    }
    ReservationRequest demand =
        new ReservationRequest(
            wanted.id(),
            profile.tenantId(),
            profile.keyId(),
            limits(profile, routed.plan()),
            new ReservationRequest.Amounts(
                wanted.units(),
                wanted.most(),
                TenantPlans.cost(
                    routed.plan(), wanted.capability(), routed.model(), wanted.units())),
            routed.plan().prepaid(),
            wanted.counts(),
            wanted.ttl());
    return admission
        .admit(demand)
        .map(
            outcome -> {
              RateLimitHeaders.write(headers, outcome.status(), openAi);
              return switch (outcome) {
                case Outcome.Admitted admitted -> new Granted(admitted.hold(), wanted.units());
                case Outcome.Refused refused -> throw JobRules.refusal(refused).raise();
              };
            });
  }

  /**
   * The hold of a piece of a stream, to settle it with. When another router took it, a hold of
   * nothing is taken here and debited; the other router's is given back when its time is over.
   */
  public Future<Optional<Hold>> held(KeyProfile profile, TenantPlan plan, String name) {
    Hold own = admission.hold(name);
    if (own != null) {
      return Future.succeededFuture(Optional.of(own));
    }
    return admitNothing(profile, plan, name, ReservationRequest.Counts.STRETCH)
        .map(
            outcome ->
                switch (outcome) {
                  case Outcome.Admitted admitted -> Optional.of(admitted.hold());
                  case Outcome.Refused refused -> Optional.<Hold>empty();
                });
  }

  @Override
  public Future<Void> takeSlot(KeyProfile profile, TenantPlan plan, String requestId) {
    return admitNothing(
            profile, plan, ReservationRequest.slotOf(requestId), ReservationRequest.Counts.SLOT)
        .map(
            outcome ->
                switch (outcome) {
                  case Outcome.Admitted admitted -> null;
                  case Outcome.Refused refused -> throw JobRules.refusal(refused).raise();
                });
  }

  @Override
  public boolean hasSlot(String requestId) {
    return admission.hasSlot(ReservationRequest.slotOf(requestId));
  }

  @Override
  public void leaveSlot(String requestId) {
    admission.releaseSlot(ReservationRequest.slotOf(requestId));
  }

  private Future<Outcome> admitNothing(
      KeyProfile profile, TenantPlan plan, String name, ReservationRequest.Counts counts) {
    ReservationRequest nothing =
        new ReservationRequest(
            name,
            profile.tenantId(),
            profile.keyId(),
            limits(profile, plan),
            ReservationRequest.Amounts.NONE,
            plan.prepaid(),
            counts,
            Duration.ofMinutes(1));
    return admission.admit(nothing);
  }

  /** A key without a concurrency limit gets the default one. */
  private Limits limits(KeyProfile profile, TenantPlan plan) {
    return new Limits(
        profile.limits(),
        profile.tenantLimits(),
        plan.limits(),
        config.defaultConcurrentRequests());
  }
}
