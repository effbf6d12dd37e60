package io.naap.contracts.money;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * United States dollars as an exact count of nano-dollars (1 USD = 1,000,000,000). The range is
 * about nine billion dollars either way; arithmetic beyond it throws {@link ArithmeticException}.
 */
public record NanoUsd(long nanos) implements Comparable<NanoUsd> {
  public static final NanoUsd ZERO = new NanoUsd(0);
  public static final String CURRENCY = "USD";
  private static final int SCALE = 9;
  private static final Pattern PLAIN = Pattern.compile("-?[0-9]+(\\.[0-9]{1,9})?");

  public static NanoUsd ofNanos(long nanos) {
    return nanos == 0 ? ZERO : new NanoUsd(nanos);
  }

  /** Converts whole dollars. */
  public static NanoUsd ofDollars(long dollars) {
    return ofNanos(Math.multiplyExact(dollars, 1_000_000_000L));
  }

  /**
   * Reads a plain decimal of dollars.
   *
   * @throws InvalidInput with an exponent, more than nine decimals, or out of range
   */
  public static NanoUsd parse(String dollars) {
    if (dollars.length() > 32 || !PLAIN.matcher(dollars).matches()) {
      throw new InvalidInput(
          "a dollar amount is a plain decimal with at most nine decimals, such as \"12.50\"");
    }
    try {
      return ofNanos(new BigDecimal(dollars).movePointRight(SCALE).longValueExact());
    } catch (ArithmeticException outOfRange) {
      throw new InvalidInput("the dollar amount is out of range", outOfRange);
    }
  }

  @JsonCreator
  public static NanoUsd of(Amount amount) {
    if (!CURRENCY.equals(amount.currency())) {
      throw new InvalidInput("currency must be \"USD\"");
    }
    return parse(amount.amount());
  }

  /** Rounds dollars half-even to the nano-dollar; a charge is rounded once, with this method. */
  public static NanoUsd rounded(BigDecimal dollars) {
    return ofNanos(
        dollars.setScale(SCALE, RoundingMode.HALF_EVEN).movePointRight(SCALE).longValueExact());
  }

  /**
   * Rounds the exact fraction {@code dollars / divisor} half-even to the nano-dollar; a charge is
   * rounded once, with this method.
   */
  public static NanoUsd rounded(BigDecimal dollars, BigDecimal divisor) {
    return ofNanos(
        dollars.movePointRight(SCALE).divide(divisor, 0, RoundingMode.HALF_EVEN).longValueExact());
  }

  @JsonValue
  public Amount toAmount() {
    return new Amount(toString(), CURRENCY);
  }

  public BigDecimal toDollars() {
    return BigDecimal.valueOf(nanos, SCALE);
  }

  public NanoUsd plus(NanoUsd other) {
    return ofNanos(Math.addExact(nanos, other.nanos));
  }

  public NanoUsd minus(NanoUsd other) {
    return ofNanos(Math.subtractExact(nanos, other.nanos));
  }

  public NanoUsd negated() {
    return ofNanos(Math.negateExact(nanos));
  }

  public NanoUsd times(long factor) {
    return ofNanos(Math.multiplyExact(nanos, factor));
  }

  public NanoUsd min(NanoUsd other) {
    return compareTo(other) <= 0 ? this : other;
  }

  public NanoUsd max(NanoUsd other) {
    return compareTo(other) >= 0 ? this : other;
  }

  public boolean isPositive() {
    return nanos > 0;
  }

  public boolean isNegative() {
    return nanos < 0;
  }

  public boolean isZero() {
    return nanos == 0;
  }

  @Override
  public int compareTo(NanoUsd other) {
    return Long.compare(nanos, other.nanos);
  }

  /** Dollars as a plain decimal with at least two decimals and no further trailing zeros. */
  @Override
  public String toString() {
    BigDecimal stripped = toDollars().stripTrailingZeros();
    return (stripped.scale() < 2 ? stripped.setScale(2) : stripped).toPlainString();
  }
}
