package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Units;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Decides what a usage event costs, under the plan version it names. */
final class Rater {
  private static final String FAILED = "failed";

  /** Of one event, so that sums stay far inside 64 bits. */
  private static final long MOST_UNITS = 1_000_000_000_000L;

  private static final Set<String> BILLED = Set.of("succeeded", "partial");

  private final Function<String, Optional<Plan>> plans;

  Rater(Function<String, Optional<Plan>> plans) {
    this.plans = plans;
  }

  Metered rate(UsageRecorded event) {
    if (FAILED.equals(event.outcome())) {
      return event.units().equals(Units.NONE)
          ? new Metered.Unbilled(event)
          : new Metered.Quarantined(event, "a failed job has units");
    }
    if (event.units().toMap().values().stream().anyMatch(amount -> amount > MOST_UNITS)) {
      return new Metered.Quarantined(event, "the units are out of range");
    }
    if (!BILLED.contains(event.outcome())) {
      throw new IllegalArgumentException("unknown outcome");
    }
    Optional<Plan> plan = plans.apply(event.plan());
    return plan.isEmpty()
        ? new Metered.Quarantined(event, "unknown plan")
        : rate(event, plan.get());
  }

  private static Metered rate(UsageRecorded event, Plan plan) {
    try {
      return switch (Rating.rate(plan, event.capability(), event.model(), event.units())) {
        case Rated.Priced priced -> new Metered.Charged(event, priced.total());
        case Rated.NoPrice none -> new Metered.Quarantined(event, "no price");
      };
    } catch (ArithmeticException outOfRange) {
      return new Metered.Quarantined(event, "the cost is out of range");
    }
  }
}
