package io.naap.metering.period;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * A billing period: from one UTC midnight up to, not including, another.
 *
 * @param start where it begins
 * @param end where the next one begins
 * @param whole how long it would be as a whole month; it is shorter when the day that periods begin
 *     at is changed
 */
public record Period(Instant start, Instant end, Duration whole) {
  /** A whole one. */
  public Period(Instant start, Instant end) {
    this(start, end, Duration.between(start, end));
  }

  /**
   * The whole month an instant is in.
   *
   * @param anchorDay the day of the month periods begin at, 1 for calendar months; in a shorter
   *     month its last day
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
