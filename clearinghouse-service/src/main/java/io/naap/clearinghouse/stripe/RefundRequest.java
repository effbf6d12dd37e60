package io.naap.clearinghouse.stripe;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Money to send back.
 *
 * @param amount whole cents, at most what is left of the payment
 */
public record RefundRequest(NanoUsd amount) {
  public RefundRequest {
    if (amount == null || !amount.isPositive() || amount.nanos() % 10_000_000 != 0) {
      throw new InvalidInput("amount is above zero, in whole cents");
    }
  }
}
