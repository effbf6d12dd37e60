package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.metering.Units;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Position;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import java.util.Optional;

/** Decides what a usage event costs, under the plan version it names. */
public final class Rater {
  private static final String FAILED = "failed";

  private Rater() {}

  /** True when the plan has a say in what becomes of the event. */
  public static boolean isRated(UsageRecorded event) {
    return !FAILED.equals(event.outcome());
  }

  /**
   * Rates an event.
   *
   * @param plan the version it names, when there is such
   * @param position where the period is, for a plan whose prices depend on it
   */
  public static Metered rate(
      UsageRecorded event, Optional<Plan> plan, Optional<Position> position) {
    if (!IdKind.TENANT.matches(event.tenantId())) {
      return new Metered.Quarantined(event, "unknown tenant");
    }
    if (!IdKind.KEY.matches(event.keyId())) {
      return new Metered.Quarantined(event, "unknown key");
    }
    if (!isRated(event)) {
      return event.units().equals(Units.NONE)
          ? new Metered.Unbilled(event)
          : new Metered.Quarantined(event, "a failed job has units");
    }
    if (event.units().amounts().values().stream().anyMatch(amount -> amount > Units.MOST)) {
      return new Metered.Quarantined(event, "the units are out of range");
    }
    return plan.isEmpty()
        ? new Metered.Quarantined(event, "unknown plan")
        : rate(event, plan.get(), position);
  }

  private static Metered rate(UsageRecorded event, Plan plan, Optional<Position> position) {
    try {
      return switch (Rating.rate(
          plan,
          event.capability(),
          event.model(),
          event.units(),
          position.orElse(Position.START))) {
        case Rated.Priced priced -> new Metered.Charged(event, priced, position);
        case Rated.NoPrice none -> new Metered.Quarantined(event, "no price");
      };
    } catch (ArithmeticException outOfRange) {
      return new Metered.Quarantined(event, "the cost is out of range");
    }
  }
}
