package io.naap.router.proxy;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Standing;
import io.naap.contracts.rating.TenantPlan;
import io.naap.contracts.text.PlainText;
import io.naap.router.admission.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides what a key may use under its tenant's plan. A refusal is a value; none is empty. */
final class JobRules {
  private static final int MOST_MODEL = 200;

  private JobRules() {}

  /** The key's scope. */
  static Optional<Refusal> scope(KeyProfile profile, String capability) {
    return allows(profile.capabilities(), capability)
        ? Optional.empty()
        : outOfScope("This key may not use " + capability + ".");
  }

  /** What can be judged of a job before any of its body is read. */
  static Optional<Refusal> mayBegin(TenantPlan plan, String capability) {
    return paid(plan)
        .or(
            () ->
                allows(plan.access().capabilities(), capability)
                    ? Optional.empty()
                    : notInPlan("Your plan does not include " + capability + "."));
  }

  /** A model ends in usage events, so its name must be text that metering stores. */
  static Optional<Refusal> modelName(Optional<String> asked) {
    return asked.isEmpty() || (asked.get().length() <= MOST_MODEL && PlainText.isLine(asked.get()))
        ? Optional.empty()
        : Optional.of(
            Refusal.invalid(
                "A model has at most " + MOST_MODEL + " characters and no control characters."));
  }

  /** The model, once the routing table has said which one it is. */
  static Optional<Refusal> model(
      KeyProfile profile, TenantPlan plan, String capability, String model) {
    return inPlan(plan, capability, model)
        .or(
            () ->
                allows(profile.models(), model)
                    ? Optional.empty()
                    : outOfScope("This key may not use the model " + model + "."));
  }

  /** What runs for long may go on under the tenant's plan of now. */
  static Optional<Refusal> mayGoOn(TenantPlan plan, String capability, String model, String tier) {
    return paid(plan)
        .or(() -> inPlan(plan, capability, model))
        .or(
            () ->
                plan.access().tiers().contains(tier)
                    ? Optional.empty()
                    : notInPlan("Your plan does not include the tier " + tier + "."));
  }

  static Optional<Refusal> paid(TenantPlan plan) {
    return plan.standing() == Standing.SUSPENDED
        ? Optional.of(
            Refusal.of(
                402,
                "payment_overdue",
                "Invoices are unpaid beyond their grace period; pay them and try again."))
        : Optional.empty();
  }

  private static Optional<Refusal> inPlan(TenantPlan plan, String capability, String model) {
    return allows(plan.access().capabilities(), capability) && allows(plan.access().models(), model)
        ? Optional.empty()
        : notInPlan("Your plan does not include " + capability + " with " + model + ".");
  }

  /** An empty list allows everything. */
  private static boolean allows(List<String> allowed, String name) {
    return allowed.isEmpty() || allowed.contains(name);
  }

  private static Optional<Refusal> outOfScope(String detail) {
    return Optional.of(Refusal.of(403, "out_of_scope", detail));
  }

  private static Optional<Refusal> notInPlan(String detail) {
    return Optional.of(Refusal.of(403, "not_in_plan", detail));
  }

  /**
   * How many requests of the key may be sent at once: the lowest of its limits, at least one.
   *
   * @param otherwise where there is no limit
   */
  static long requestsAtOnce(KeyProfile profile, TenantPlan plan, long otherwise) {
    return Stream.of(profile.limits(), profile.tenantLimits(), plan.limits())
        .flatMap(limits -> limits.concurrentRequests().stream())
        .min(Long::compare)
        .map(most -> Math.max(1, most))
        .orElse(otherwise);
  }

  /** What the client is told when admission refuses its job. */
  static Refusal refusal(Outcome.Refused refused) {
    return switch (refused.reason()) {
      case LIMIT ->
          new Refusal(
              429,
              "limit_reached",
              "A limit is reached: " + String.join(", ", refused.violatedPolicies()) + ".",
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
