package io.naap.contracts.rating;

import io.naap.contracts.money.NanoUsd;
import java.util.List;

/** What rating a job came to. */
public sealed interface Rated {
  /**
   * The plan has a price for the job.
   *
   * @param total the sum of the lines
   */
  record Priced(NanoUsd total, List<Line> lines) implements Rated {
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
   */
  record Line(int charge, NanoUsd amount) {}
}
