package io.naap.contracts.money;

import java.util.Objects;

/**
 * An amount of money as it appears in JSON.
 *
 * @param amount plain decimal, no exponent, no thousands separator, for example {@code "-0.00125"}
 * @param currency {@code "USD"} or {@code "ETH"}
 */
public record Amount(String amount, String currency) {
  public Amount {
    Objects.requireNonNull(amount, "amount is missing");
    Objects.requireNonNull(currency, "currency is missing");
  }
}
