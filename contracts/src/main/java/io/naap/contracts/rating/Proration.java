package io.naap.contracts.rating;

import java.math.BigInteger;

/**
 * The part of a period that a plan holds for, as an exact fraction {@code part / whole}; both are
 * in the same unit of time.
 */
public record Proration(long part, long whole) {
  public static final Proration ALL = new Proration(1, 1);

  public Proration {
    if (part < 0 || whole < 1 || part > whole) {
      throw new IllegalArgumentException("a share is between 0 and 1");
    }
  }

  /** This part of an amount, rounded down. */
  long of(long amount) {
    return part == whole
        ? amount
        : BigInteger.valueOf(amount)
            .multiply(BigInteger.valueOf(part))
            .divide(BigInteger.valueOf(whole))
            .longValueExact();
  }
}
