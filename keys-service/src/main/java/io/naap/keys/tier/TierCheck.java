package io.naap.keys.tier;

import io.naap.contracts.problem.Refusal;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Checks that the plan of a key's tenant allows the pool tier that the key names. */
@ApplicationScoped
public class TierCheck {
  private static final Logger LOG = Logger.getLogger(TierCheck.class);

  private final PlanTiers plans;

  TierCheck(PlanTiers plans) {
    this.plans = plans;
  }

  /** The result of a check. */
  public sealed interface Answer {
    /** The plan allows the tier, or the key names none. */
    record Allowed() implements Answer {}

    /** The plan does not allow the tier; {@code tiers} are those it allows. */
    record NotInPlan(String tier, List<String> tiers) implements Answer {}

    /** metering-service did not answer. */
    record Unknown() implements Answer {}

    /** The refusal for the caller; empty when the tier is allowed. */
    default Optional<Refusal> refusal() {
      return switch (this) {
        case Allowed allowed -> Optional.empty();
        case NotInPlan refused ->
            Optional.of(
                Refusal.of(
                    403,
                    "tier_not_in_plan",
                    "The tenant's plan does not include the tier \""
                        + refused.tier
                        + "\": name one of "
                        + String.join(", ", refused.tiers)
                        + ", or leave tier out."));
        case Unknown unknown ->
            Optional.of(
                Refusal.unavailable(
                    "The tenant's plan cannot be read right now: leave tier out, or try again."));
      };
    }
  }

  /**
   * Checks a tier; asks metering-service only when one is named.
   *
   * @param authorization the caller's {@code Authorization} header
   */
  public Uni<Answer> of(String tenantId, Optional<String> tier, String authorization) {
    if (tier.isEmpty()) {
      return Uni.createFrom().item(new Answer.Allowed());
    }
    return plans
        .of(tenantId, authorization)
        .<Answer>map(
            tiers ->
                tiers.contains(tier.get())
                    ? new Answer.Allowed()
                    : new Answer.NotInPlan(tier.get(), tiers))
        .onFailure()
        .recoverWithItem(
            away -> {
              LOG.warnf("metering did not say which tiers a plan has: %s", away.toString());
              return new Answer.Unknown();
            });
  }
}
