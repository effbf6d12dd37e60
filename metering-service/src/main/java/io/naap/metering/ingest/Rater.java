package io.naap.metering.ingest;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.metering.Units;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import java.util.Optional;

/** Computes what a usage event costs under the plan version it names, or why it is quarantined. */
public final class Rater {
  private Rater() {}

  /** True when the event's job did not fail, so that its plan decides the cost. */
  public static boolean isRated(UsageRecorded event) {
    return event.outcome() != JobOutcome.FAILED;
  }

  /**
   * Rates an event.
   *
   * @param plan the plan version it names; absent when there is no such version
   * @param position the position of its period, for a plan whose prices depend on it
   */
  public static RatedEvent rate(
      UsageRecorded event, Optional<Plan> plan, Optional<PeriodUsage> position) {
    if (!IdKind.TENANT.matches(event.tenantId())) {
      return new RatedEvent.Quarantined(event, "unknown tenant");
    }
    if (!IdKind.KEY.matches(event.keyId())) {
      return new RatedEvent.Quarantined(event, "unknown key");
    }
    if (!isRated(event)) {
      return event.units().equals(Units.NONE)
          ? new RatedEvent.Unbilled(event)
          : new RatedEvent.Quarantined(event, "a failed job has units");
    }
    if (event.units().amounts().values().stream().anyMatch(amount -> amount > Units.MOST)) {
      return new RatedEvent.Quarantined(event, "the units are out of range");
    }
    return plan.isEmpty()
        ? new RatedEvent.Quarantined(event, "unknown plan")
        : rate(event, plan.get(), position);
  }

  private static RatedEvent rate(UsageRecorded event, Plan plan, Optional<PeriodUsage> position) {
    try {
      return switch (Rating.rate(
          plan,
          event.capability(),
          event.model(),
          event.units(),
          position.orElse(PeriodUsage.START))) {
        case Rated.Priced priced -> new RatedEvent.Charged(event, priced, position);
        case Rated.NoPrice none -> new RatedEvent.Quarantined(event, "no price");
      };
    } catch (ArithmeticException outOfRange) {
      return new RatedEvent.Quarantined(event, "the cost is out of range");
    }
  }
}
