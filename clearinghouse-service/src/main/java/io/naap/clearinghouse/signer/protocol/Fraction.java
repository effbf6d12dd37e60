package io.naap.clearinghouse.signer.protocol;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * An exact fraction, written in lowest terms as Go's {@code big.Rat} writes it. It is reduced only
 * when it is written or hashed: a common divisor of 256-bit numbers is expensive to find, and a
 * payment makes a dozen fractions and writes one.
 */
public record Fraction(BigInteger numerator, BigInteger denominator)
    implements Comparable<Fraction> {
  public static final Fraction ZERO = of(BigInteger.ZERO);
  private static final int MAX_TEXT = 400;
  private static final Pattern TEXT = Pattern.compile("-?[0-9]+(/[0-9]*[1-9][0-9]*)?");

  public Fraction {
    if (denominator.signum() == 0) {
      throw new ArithmeticException("division by zero");
    }
    if (denominator.signum() < 0) {
      numerator = numerator.negate();
      denominator = denominator.negate();
    }
  }

  public static Fraction of(BigInteger whole) {
    return new Fraction(whole, BigInteger.ONE);
  }

  public static Fraction of(long numerator, long denominator) {
    return new Fraction(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
  }

  public static Fraction of(BigDecimal decimal) {
    return decimal.scale() <= 0
        ? of(decimal.toBigIntegerExact())
        : new Fraction(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()));
  }

  /** Reads {@code "5"}, {@code "-6000/7"}; anything else is zero, as in go-livepeer. */
  public static Fraction parseOrZero(String text) {
    if (text.length() > MAX_TEXT || !TEXT.matcher(text).matches()) {
      return ZERO;
    }
    int slash = text.indexOf('/');
    return slash < 0
        ? of(new BigInteger(text))
        : new Fraction(
            new BigInteger(text.substring(0, slash)), new BigInteger(text.substring(slash + 1)));
  }

  public Fraction plus(Fraction other) {
    return new Fraction(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  public Fraction minus(Fraction other) {
    return plus(new Fraction(other.numerator.negate(), other.denominator));
  }

  public Fraction times(Fraction other) {
    return new Fraction(
        numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  public Fraction times(long factor) {
    return times(of(BigInteger.valueOf(factor)));
  }

  public Fraction dividedBy(Fraction other) {
    return new Fraction(
        numerator.multiply(other.denominator), denominator.multiply(other.numerator));
  }

  public Fraction max(Fraction other) {
    return compareTo(other) >= 0 ? this : other;
  }

  public BigInteger floor() {
    BigInteger[] parts = numerator.divideAndRemainder(denominator);
    return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  public BigInteger ceiling() {
    BigInteger[] parts = numerator.divideAndRemainder(denominator);
    return parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  /** The nearest whole number, half-even; the ledger books an expected value so. */
  public BigInteger rounded() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), 0, RoundingMode.HALF_EVEN)
        .toBigIntegerExact();
  }

  /** Rounded to three decimals, for messages. */
  public String display() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), 3, RoundingMode.HALF_UP)
        .toPlainString();
  }

  public int signum() {
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
