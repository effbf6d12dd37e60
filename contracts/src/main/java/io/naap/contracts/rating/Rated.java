package io.naap.contracts.rating;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** The result of rating a job. */
public sealed interface Rated {
  /**
   * The plan has a price for the job. The amounts of the lines add up to {@code total}, {@code
   * sponsored} and {@code waived} together.
   *
   * @param total the part that the tenant pays
   * @param sponsored the part that a sponsor's budget pays
   * @param waived the part that nobody pays because of the trial or the ceiling
   * @param after the usage of the period after the job
   */
  record Priced(
      NanoUsd total,
      Optional<Sponsored> sponsored,
      NanoUsd waived,
      List<Line> lines,
      PeriodUsage after)
      implements Rated {
    public Priced {
      lines = List.copyOf(lines);
    }
  }

  /**
   * No charge of the plan matches the job. The router must refuse it; no job is free by accident.
   */
  record NoPrice() implements Rated {}

  /**
   * The amount of one charge.
   *
   * @param charge index of the charge in the plan
   * @param units charged units, without included ones
   * @param included units that a subscription covers
   * @param credits what the job costs in credits, when the charge counts in credits
   */
  record Line(
      int charge, long units, long included, Optional<BigDecimal> credits, NanoUsd amount) {}
}
