package io.naap.contracts.rating;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.ArrayList;
import java.util.List;

/** The rating function: what a job costs under a plan. */
public final class Rating {
  private Rating() {}

  /**
   * Rates one job. Every matching charge is computed exactly and rounded once, half-even, to the
   * nano-dollar; the total is the sum of the rounded lines, so that what is shown adds up.
   */
  public static Rated rate(Plan plan, String capability, String model, Units units) {
    List<Rated.Line> lines = new ArrayList<>();
    NanoUsd total = NanoUsd.ZERO;
    List<Charge> charges = plan.charges();
    for (int index = 0; index < charges.size(); index++) {
      Charge charge = charges.get(index);
      if (charge.filter().matches(capability, model)) {
        NanoUsd amount = NanoUsd.rounded(charge.price(units));
        lines.add(new Rated.Line(index, amount));
        total = total.plus(amount);
      }
    }
    return lines.isEmpty() ? new Rated.NoPrice() : new Rated.Priced(total, lines);
  }
}
