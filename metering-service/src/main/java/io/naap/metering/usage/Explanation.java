package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The price computation of an event: the part of each charge of its plan that matched, computed
 * again.
 *
 * @param position the position of the period before the event, when the plan's prices depend on it
 * @param agrees true when the computed cost equals the stored one
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Explanation(
    UsageEventView event,
    String planName,
    Optional<BigDecimal> discountPercent,
    Optional<PeriodUsage> position,
    List<Line> lines,
    NanoUsd total,
    boolean agrees) {
  public Explanation {
    lines = List.copyOf(lines);
  }

  /**
   * The part of one charge.
   *
   * @param units the units charged, without those a subscription includes
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Line(
      Charge charge, long units, long included, Optional<BigDecimal> credits, NanoUsd amount) {}

  static Explanation of(StoredEvents.Event event, Plan plan) {
    UsageEventView view = event.view();
    Rated rated =
        Rating.rate(
            plan,
            view.job().capability(),
            view.job().model(),
            view.measured().units(),
            event.position().orElse(PeriodUsage.START));
    boolean free =
        "failed".equals(view.job().outcome())
            || "quarantined".equals(view.billing().state())
            || view.billing().isReversal();
    return switch (rated) {
      case Rated.Priced priced when !free ->
          new Explanation(
              view,
              plan.name(),
              plan.terms().discountPercent(),
              event.position(),
              priced.lines().stream()
                  .map(
                      line ->
                          new Line(
                              plan.charges().get(line.charge()),
                              line.units(),
                              line.included(),
                              line.credits(),
                              line.amount()))
                  .toList(),
              priced.total(),
              priced.total().equals(view.amounts().cost()));
      case Rated.Priced notCharged -> nothing(event, plan);
      case Rated.NoPrice none -> nothing(event, plan);
    };
  }

  private static Explanation nothing(StoredEvents.Event event, Plan plan) {
    return new Explanation(
        event.view(),
        plan.name(),
        plan.terms().discountPercent(),
        event.position(),
        List.of(),
        NanoUsd.ZERO,
        event.view().amounts().cost().isZero() || event.view().billing().isReversal());
  }
}
