package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import java.math.BigInteger;

/**
 * What an account is for. A positive balance is money that its owner has. Each kind bounds its
 * balance.
 */
public enum AccountKind {
  /** A tenant's prepaid money that is free to be spent or set aside. */
  CREDIT(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** Money set aside for the charges of admitted jobs. Owned by the funding. */
  SET_ASIDE(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** A tenant's debt: negative. */
  OWED(NanoUsd.CURRENCY, Bound.NOT_POSITIVE),
  /** What the operator earned from a tenant. */
  REVENUE(NanoUsd.CURRENCY, Bound.NONE),
  /** The other side of credits the operator gave. */
  CREDITS_ISSUED(NanoUsd.CURRENCY, Bound.NONE),
  /** Money held for the next tickets of a payment session. Owned by the session. */
  HELD(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** Taxes that tenants were charged. */
  TAX(NanoUsd.CURRENCY, Bound.NONE),
  /** The other side of money that came in, by its keeper: negative. */
  CASH(NanoUsd.CURRENCY, Bound.NONE),
  /** Owed to a tenant's bank while a dispute or a refund is under way. */
  PAYABLE(NanoUsd.CURRENCY, Bound.NONE),
  /** What a sponsor's budget has left. Owned by the budget. */
  SPONSOR_BUDGET(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** What a sponsor owes beyond its budget: negative. */
  SPONSOR_OWED(NanoUsd.CURRENCY, Bound.NOT_POSITIVE),
  /** The expected value of the tickets signed for a signer caller. */
  NETWORK_SPENT(Wei.CURRENCY, Bound.NOT_NEGATIVE),
  /** The other side of {@link #NETWORK_SPENT}: expected claims on the deposit. */
  TICKETS_ISSUED(Wei.CURRENCY, Bound.NOT_POSITIVE),
  /** The face value of the tickets that orchestrators redeemed. */
  TICKETS_REDEEMED(Wei.CURRENCY, Bound.NONE),
  /** The deposit in the TicketBroker, by its events. */
  DEPOSIT(Wei.CURRENCY, Bound.NONE),
  /** The reserve in the TicketBroker, by its events. */
  RESERVE(Wei.CURRENCY, Bound.NONE),
  /** The ether of one of our wallets. */
  WALLET(Wei.CURRENCY, Bound.NONE),
  /** Ether spent on gas. */
  GAS(Wei.CURRENCY, Bound.NONE),
  /** The other side of ether that the operator brought in or took out. */
  FUNDED(Wei.CURRENCY, Bound.NONE);

  private final String currency;
  private final Bound bound;

  AccountKind(String currency, Bound bound) {
    this.currency = currency;
    this.bound = bound;
  }

  public String currency() {
    return currency;
  }

  boolean allows(BigInteger balance) {
    return switch (bound) {
      case NOT_NEGATIVE -> balance.signum() >= 0;
      case NOT_POSITIVE -> balance.signum() <= 0;
      case NONE -> true;
    };
  }

  public String wireName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  private enum Bound {
    NOT_NEGATIVE,
    NOT_POSITIVE,
    NONE
  }
}
