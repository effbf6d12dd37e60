package io.naap.metering.period;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * A billing period, from one UTC midnight up to, not including, another.
 *
 * @param start the first instant of the period
 * @param end the first instant of the next period
 * @param whole the length of the whole month the period is in; the period is shorter when the
 *     anchor day changes
 */
public record Period(Instant start, Instant end, Duration whole) {
  /** Makes a period that is a whole month. */
  public Period(Instant start, Instant end) {
    this(start, end, Duration.between(start, end));
  }

  /**
   * Returns the whole month, from anchor day to anchor day, that contains an instant.
   *
   * @param anchorDay the day of the month at which periods begin, 1 for calendar months; the last
   *     day of a month that is shorter
   */
  public static Period of(int anchorDay, Instant at) {
    LocalDate day = at.atZone(ZoneOffset.UTC).toLocalDate();
    YearMonth month = YearMonth.from(day);
    if (day.isBefore(anchor(month, anchorDay))) {
      month = month.minusMonths(1);
    }
    return new Period(
        midnight(anchor(month, anchorDay)), midnight(anchor(month.plusMonths(1), anchorDay)));
  }

  public boolean holds(Instant at) {
    return !at.isBefore(start) && at.isBefore(end);
  }

  private static LocalDate anchor(YearMonth month, int day) {
    return month.atDay(Math.min(day, month.lengthOfMonth()));
  }

  private static Instant midnight(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
