package io.naap.metering.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Formats milliseconds as seconds and minutes for display. */
final class Durations {
  private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000);
  private static final int DECIMALS = 6;

  private Durations() {}

  static String seconds(long milliseconds) {
    return plain(BigDecimal.valueOf(milliseconds, 3));
  }

  /** Minutes, rounded to six decimals for display. Prices are computed from the milliseconds. */
  static String minutes(long milliseconds) {
    return plain(BigDecimal.valueOf(milliseconds).divide(MINUTE, DECIMALS, RoundingMode.HALF_EVEN));
  }

  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }
}
