package io.naap.contracts.rating;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** What rating a job came to. */
public sealed interface Rated {
  /**
   * The plan has a price for the job. The lines add up to {@code total}, {@code sponsored} and
   * {@code waived} together.
   *
   * @param total the tenant's part
   * @param sponsored the part a sponsor's budget pays
   * @param waived what the trial or the ceiling spares the tenant
   * @param after the position the job leaves behind
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

  /** No charge of the plan matches the job: it must not be served, and never for free. */
  record NoPrice() implements Rated {}

  /**
   * One charge's part.
   *
   * @param charge index of the charge in the plan
   * @param units that were charged, those included left out
   * @param included units that a subscription covered
   * @param credits the job took, when the charge counts in credits
   */
  record Line(
      int charge, long units, long included, Optional<BigDecimal> credits, NanoUsd amount) {}
}
