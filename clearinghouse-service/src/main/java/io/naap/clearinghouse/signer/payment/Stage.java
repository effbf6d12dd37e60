package io.naap.clearinghouse.signer.payment;

import io.naap.clearinghouse.signer.protocol.Fraction;
import java.math.BigInteger;

/**
 * The number of tickets that pay a fee, and the credit that is left at the orchestrator.
 *
 * @param tickets zero when the credit already covers the fee
 * @param balance after the tickets and the fee
 */
record Stage(BigInteger tickets, Fraction balance) {
  /** Enough tickets to cover the fee, and at least one ticket's worth of credit. */
  static Stage of(Fraction balance, Fraction fee, Fraction ticketValue) {
    Fraction least = fee.max(ticketValue);
    BigInteger tickets =
        balance.compareTo(least) >= 0 || ticketValue.signum() == 0
            ? BigInteger.ZERO
            : least.minus(balance).dividedBy(ticketValue).ceiling();
    return new Stage(tickets, balance.plus(ticketValue.times(Fraction.of(tickets))).minus(fee));
  }
}
