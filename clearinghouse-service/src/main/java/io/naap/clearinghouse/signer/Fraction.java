package io.naap.clearinghouse.signer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * An exact fraction, written in lowest terms as Go's {@code big.Rat} writes it. Only writing and
 * comparing for equality reduce it: common divisors of 256-bit numbers are dear, and a payment
 * makes a dozen fractions and writes one.
 */
record Fraction(BigInteger numerator, BigInteger denominator) implements Comparable<Fraction> {
  static final Fraction ZERO = of(BigInteger.ZERO);
  private static final int MAX_TEXT = 400;
  private static final Pattern TEXT = Pattern.compile("-?[0-9]+(/[0-9]*[1-9][0-9]*)?");

  Fraction {
    if (denominator.signum() == 0) {
      throw new ArithmeticException("division by zero");
    }
    if (denominator.signum() < 0) {
      numerator = numerator.negate();
      denominator = denominator.negate();
    }
  }

  static Fraction of(BigInteger whole) {
    return new Fraction(whole, BigInteger.ONE);
  }

  static Fraction of(long numerator, long denominator) {
    return new Fraction(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
  }

  static Fraction of(BigDecimal decimal) {
    return decimal.scale() <= 0
        ? of(decimal.toBigIntegerExact())
        : new Fraction(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()));
  }

  /** Reads {@code "5"}, {@code "-6000/7"}; anything else is zero, as in go-livepeer. */
  static Fraction parseOrZero(String text) {
    if (text.length() > MAX_TEXT || !TEXT.matcher(text).matches()) {
      return ZERO;
    }
    int slash = text.indexOf('/');
    return slash < 0
        ? of(new BigInteger(text))
        : new Fraction(
            new BigInteger(text.substring(0, slash)), new BigInteger(text.substring(slash + 1)));
  }

  Fraction plus(Fraction other) {
    return new Fraction(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  Fraction minus(Fraction other) {
    return plus(new Fraction(other.numerator.negate(), other.denominator));
  }

  Fraction times(Fraction other) {
    return new Fraction(
        numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  Fraction times(long factor) {
    return times(of(BigInteger.valueOf(factor)));
  }

  Fraction dividedBy(Fraction other) {
    return new Fraction(
        numerator.multiply(other.denominator), denominator.multiply(other.numerator));
  }

  Fraction max(Fraction other) {
    return compareTo(other) >= 0 ? this : other;
  }

  BigInteger ceiling() {
    BigInteger[] parts = numerator.divideAndRemainder(denominator);
    return parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  /** The nearest whole number, half-even: how an expected value enters the ledger. */
  BigInteger rounded() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), 0, RoundingMode.HALF_EVEN)
        .toBigIntegerExact();
  }

  /** With three decimals, for messages. */
  String display() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), 3, RoundingMode.HALF_UP)
        .toPlainString();
  }

  int signum() {
    return numerator.signum();
  }

  @Override
  public int compareTo(Fraction other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  private Fraction reduced() {
    BigInteger divisor = numerator.gcd(denominator);
    return divisor.equals(BigInteger.ONE)
        ? this
        : new Fraction(numerator.divide(divisor), denominator.divide(divisor));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fraction fraction && compareTo(fraction) == 0;
  }

  @Override
  public int hashCode() {
    Fraction reduced = reduced();
    return 31 * reduced.numerator.hashCode() + reduced.denominator.hashCode();
  }

  @Override
  public String toString() {
    Fraction reduced = reduced();
    return reduced.denominator.equals(BigInteger.ONE)
        ? reduced.numerator.toString()
        : reduced.numerator + "/" + reduced.denominator;
  }
}
