package io.naap.router.proxy;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.contracts.text.PlainText;
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
import java.util.function.Function;
import java.util.stream.Stream;

/** Everything between a request that was understood and a job that may be forwarded. */
@Singleton
public class JobAuthorization {
  private static final int MOST_MODEL = 200;

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

  /** Where a job may go, under which plan. */
  public record Placed(TenantPlan plan, String tier, String model, List<Route> routes) {}

  /**
   * A job that may run.
   *
   * @param held the units that were set aside
   */
  public record Granted(Hold hold, Units held) {}

  /**
   * What can be judged of a job before any of its body is read: the key's scope, the tenant's
   * standing and its plan.
   *
   * @return how many requests of the key may be sent at once; 0 for any number
   */
  public Future<Long> mayBegin(KeyProfile profile, String capability) {
    return planFor(profile, capability)
        .map(
            plan -> {
              requirePaid(plan);
              if (!plan.capabilities().isEmpty() && !plan.capabilities().contains(capability)) {
                throw Refusal.of(
                        403, "not_in_plan", "Your plan does not include " + capability + ".")
                    .raise();
              }
              return Stream.of(profile.limits(), profile.tenantLimits(), plan.limits())
                  .flatMap(limits -> limits.concurrentRequests().stream())
                  .min(Long::compare)
                  .map(most -> Math.max(1, most))
                  .orElse(config.defaultConcurrentRequests());
            });
  }

  /** The tenant's plan, for a capability that the key's scope has. */
  private Future<TenantPlan> planFor(KeyProfile profile, String capability) {
    return profile.capabilities().isEmpty() || profile.capabilities().contains(capability)
        ? plans.of(profile.tenantId())
        : Future.failedFuture(
            Refusal.of(403, "out_of_scope", "This key may not use " + capability + ".").raise());
  }

  /** What ends in usage must be text that metering can store. */
  private static boolean isModelName(String model) {
    return model.length() <= MOST_MODEL && PlainText.isLine(model);
  }

  /** Scope, plan, model and gateways. */
  public Future<Placed> place(
      KeyProfile profile, String capability, Optional<String> asked, Optional<String> sticky) {
    if (asked.isPresent() && !isModelName(asked.get())) {
      return Future.failedFuture(
          Refusal.invalid(
                  "A model has at most " + MOST_MODEL + " characters and no control characters.")
              .raise());
    }
    return planFor(profile, capability)
        .map(
            plan -> {
              requirePaid(plan);
              RoutingTable table = tables.current();
              String tier = plan.tierOf(profile.tier());
              String model = table.model(capability, tier, asked);
              requireInPlan(plan, capability, model);
              if (!profile.models().isEmpty() && !profile.models().contains(model)) {
                throw Refusal.of(
                        403, "out_of_scope", "This key may not use the model " + model + ".")
                    .raise();
              }
              long nanos = System.nanoTime();
              List<Route> routes =
                  sticky.isPresent()
                      ? table.sticky(capability, model, tier, sticky.get(), nanos)
                      : table.routes(capability, model, tier, nanos);
              return new Placed(plan, tier, model, routes);
            });
  }

  /**
   * The plan under which what runs for long may go on: fails when the tenant is overdue or its plan
   * lost the model or the tier.
   */
  public Future<TenantPlan> stillPlaced(
      KeyProfile profile, String capability, String model, String tier) {
    return plans
        .of(profile.tenantId())
        .map(
            plan -> {
              requirePaid(plan);
              requireInPlan(plan, capability, model);
              if (!plan.tiers().contains(tier)) {
                throw Refusal.of(
                        403, "not_in_plan", "Your plan does not include the tier " + tier + ".")
                    .raise();
              }
              return plan;
            });
  }

  private static void requirePaid(TenantPlan plan) {
    if (TenantPlan.SUSPENDED.equals(plan.standing())) {
      throw Refusal.of(
              402,
              "payment_overdue",
              "Invoices are unpaid beyond their grace period; pay them and try again.")
          .raise();
    }
  }

  private static void requireInPlan(TenantPlan plan, String capability, String model) {
    if ((!plan.capabilities().isEmpty() && !plan.capabilities().contains(capability))
        || (!plan.models().isEmpty() && !plan.models().contains(model))) {
      throw Refusal.of(
              403,
              "not_in_plan",
              "Your plan does not include " + capability + " with " + model + ".")
          .raise();
    }
  }

  /**
   * Takes the hold, or fails with the refusal as the client will see it.
   *
   * @param units to set aside
   * @param most that the job may come to
   * @param headers of the answer; limits are told there either way
   */
  public Future<Granted> admit(
      KeyProfile profile,
      Placed placed,
      String capability,
      String hold,
      Units units,
      Units most,
      ReservationRequest.Counts counts,
      Duration ttl,
      MultiMap headers,
      boolean openAi) {
    if (usage.isFull()) {
      return Future.failedFuture(
          Refusal.unavailable("The platform cannot record usage right now; try again.").raise());
    }
    ReservationRequest demand =
        new ReservationRequest(
            hold,
            profile.tenantId(),
            profile.keyId(),
            limits(profile, placed.plan()),
            new ReservationRequest.Amounts(
                units, most, TenantPlans.cost(placed.plan(), capability, placed.model(), units)),
            placed.plan().prepaid(),
            counts,
            ttl);
    return admission
        .admit(demand)
        .map(
            outcome -> {
              RateLimitHeaders.write(headers, outcome.status(), openAi);
              return switch (outcome) {
                case Outcome.Admitted admitted -> new Granted(admitted.hold(), units);
                case Outcome.Refused refused -> throw refusal(refused).raise();
              };
            });
  }

  /**
   * The hold of a stretch of a stream, to settle it with. Another router may have taken it: then it
   * is debited here, and given back there when its time is over.
   */
  public Future<Optional<Hold>> held(KeyProfile profile, TenantPlan plan, String name) {
    Hold own = admission.hold(name);
    if (own != null) {
      return Future.succeededFuture(Optional.of(own));
    }
    return nothing(profile, plan, name, ReservationRequest.Counts.STRETCH)
        .map(
            outcome ->
                switch (outcome) {
                  case Outcome.Admitted admitted -> Optional.of(admitted.hold());
                  case Outcome.Refused refused -> Optional.<Hold>empty();
                });
  }

  /** Takes the place of a stream over, or fails with the refusal. */
  public Future<Void> takePlace(KeyProfile profile, TenantPlan plan, String requestId) {
    return nothing(
            profile, plan, ReservationRequest.slotOf(requestId), ReservationRequest.Counts.SLOT)
        .map(
            outcome ->
                switch (outcome) {
                  case Outcome.Admitted admitted -> null;
                  case Outcome.Refused refused -> throw refusal(refused).raise();
                });
  }

  /** True while this router has the place of a stream. */
  public boolean hasPlace(String requestId) {
    return admission.hasSlot(ReservationRequest.slotOf(requestId));
  }

  /** Gives the place of a stream back, if this router has it. */
  public void leavePlace(String requestId) {
    admission.releaseSlot(ReservationRequest.slotOf(requestId));
  }

  private Future<Outcome> nothing(
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

  /** Without a limit of its own a key still may not run without end at once. */
  private Limits limits(KeyProfile profile, TenantPlan plan) {
    return new Limits(
        profile.limits(),
        profile.tenantLimits(),
        plan.limits(),
        config.defaultConcurrentRequests());
  }

  private static Refusal refusal(Outcome.Refused refused) {
    Function<String, String> names =
        text -> text + String.join(", ", refused.violatedPolicies()) + ".";
    return switch (refused.reason()) {
      case LIMIT ->
          new Refusal(
              429,
              "limit_reached",
              names.apply("A limit is reached: "),
              refused.violatedPolicies(),
              refused.retryAfterSeconds().isPresent()
                  ? Optional.of(refused.retryAfterSeconds().getAsLong())
                  : Optional.empty());
      case NO_MONEY ->
          Refusal.of(
              402,
              "balance_too_low",
              "The balance does not cover this job; add credit to the tenant and try again.");
      case UNAVAILABLE ->
          Refusal.unavailable("The platform cannot admit jobs right now; try again.");
    };
  }
}
