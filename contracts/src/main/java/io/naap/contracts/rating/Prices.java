package io.naap.contracts.rating;

import java.math.BigDecimal;

/** Bounds of a price: what a plan may ask for one unit. */
final class Prices {
  private static final BigDecimal MAX = BigDecimal.valueOf(1_000_000);
  private static final int MAX_SCALE = 18;

  private Prices() {}

  static void check(BigDecimal price) {
    if (price == null
        || price.signum() < 0
        || price.compareTo(MAX) > 0
        || price.scale() > MAX_SCALE) {
      throw new IllegalArgumentException(
          "a price is between 0 and 1000000 dollars with at most 18 decimals");
    }
  }
}
