package io.naap.contracts.money;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Objects;

/** Ether as an exact count of wei (1 ETH = 10^18 wei), within a signed 256-bit range. */
public record Wei(BigInteger value) implements Comparable<Wei> {
  public static final Wei ZERO = new Wei(BigInteger.ZERO);
  public static final String CURRENCY = "ETH";
  private static final int SCALE = 18;

  public Wei {
    Objects.requireNonNull(value, "value");
    if (value.bitLength() > 256) {
      throw new ArithmeticException("more than 256 bits of wei");
    }
  }

  public static Wei of(long wei) {
    return new Wei(BigInteger.valueOf(wei));
  }

  /**
   * Reads a plain decimal of ether.
   *
   * @throws InvalidInput with an exponent, more than 18 decimals, or another currency
   */
  @JsonCreator
  public static Wei of(Amount amount) {
    if (!CURRENCY.equals(amount.currency())) {
      throw new InvalidInput("currency must be \"ETH\"");
    }
    String ether = amount.amount();
    if (ether.length() > 100 || !ether.matches("-?[0-9]+(\\.[0-9]{1,18})?")) {
      throw new InvalidInput(
          "an ether amount is a plain decimal with at most 18 decimals, such as \"0.25\"");
    }
    return new Wei(new BigDecimal(ether).movePointRight(SCALE).toBigIntegerExact());
  }

  @JsonValue
  public Amount toAmount() {
    return new Amount(toEtherString(), CURRENCY);
  }

  /** Ether as a plain decimal without trailing zeros. */
  public String toEtherString() {
    BigDecimal stripped = new BigDecimal(value, SCALE).stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  public Wei plus(Wei other) {
    return new Wei(value.add(other.value));
  }

  public Wei minus(Wei other) {
    return new Wei(value.subtract(other.value));
  }

  public Wei times(long factor) {
    return new Wei(value.multiply(BigInteger.valueOf(factor)));
  }

  public boolean isZero() {
    return value.signum() == 0;
  }

  @Override
  public int compareTo(Wei other) {
    return value.compareTo(other.value);
  }

  /** Wei as a plain integer. */
  @Override
  public String toString() {
    return value.toString();
  }
}
