package io.naap.router.admission.quota;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.metering.Unit;
import java.time.LocalDate;

/**
 * What metering has stored of a key's or tenant's usage: where counters in Redis begin.
 *
 * @param date the day that is meant, and by its month the month
 */
public record CounterSeed(
    LocalDate date,
    KeyConsumption.Window day,
    KeyConsumption.Window month,
    KeyConsumption.Window lifetime) {
  /** Where the counters of one unit, or of money, begin. */
  public record Start(String date, long day, long month, long lifetime) {}

  Start of(String what) {
    return new Start(date.toString(), of(day, what), of(month, what), of(lifetime, what));
  }

  private static long of(KeyConsumption.Window used, String what) {
    if (what.equals(Cap.MONEY)) {
      return used.cost().nanos();
    }
    return used.units().get(what.equals("starts") ? Unit.REQUESTS : Unit.of(what));
  }
}
