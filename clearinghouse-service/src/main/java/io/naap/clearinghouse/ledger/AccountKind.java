package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import java.math.BigInteger;

/** What an account holds. A positive balance is money its owner has; each kind has its bound. */
public enum AccountKind {
  /** A tenant's prepaid money, free to be spent or set aside. */
  CREDIT(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** Money of a funding, waiting for the charges of admitted jobs. Owned by the funding. */
  SET_ASIDE(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** What a tenant used beyond its money: negative. */
  OWED(NanoUsd.CURRENCY, Bound.NOT_POSITIVE),
  /** What the operator earned from a tenant. */
  REVENUE(NanoUsd.CURRENCY, Bound.NONE),
  /** The other side of credits the operator gave. */
  CREDITS_ISSUED(NanoUsd.CURRENCY, Bound.NONE),
  /** Money of a payment session, waiting for its next tickets. Owned by the session. */
  HELD(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** Taxes charged, which are the state's. */
  TAX(NanoUsd.CURRENCY, Bound.NONE),
  /** Money outside, by who keeps it; negative: the other side of what came in. */
  CASH(NanoUsd.CURRENCY, Bound.NONE),
  /** Owed to a tenant's bank while a dispute or a refund is under way. */
  PAYABLE(NanoUsd.CURRENCY, Bound.NONE),
  /** What a sponsor still pays of others' jobs. Owned by the budget. */
  SPONSOR_BUDGET(NanoUsd.CURRENCY, Bound.NOT_NEGATIVE),
  /** What was sponsored beyond the budget: negative. */
  SPONSOR_OWED(NanoUsd.CURRENCY, Bound.NOT_POSITIVE),
  /** Expected value of tickets signed for a caller. */
  NETWORK_SPENT(Wei.CURRENCY, Bound.NOT_NEGATIVE),
  /** The other side of it: expected claims on our deposit. */
  TICKETS_ISSUED(Wei.CURRENCY, Bound.NOT_POSITIVE),
  /** Face value orchestrators redeemed. */
  TICKETS_REDEEMED(Wei.CURRENCY, Bound.NONE),
  /** Our deposit in the TicketBroker, as its events tell. */
  DEPOSIT(Wei.CURRENCY, Bound.NONE),
  /** Our reserve there. */
  RESERVE(Wei.CURRENCY, Bound.NONE),
  /** Ether of a wallet of ours. */
  WALLET(Wei.CURRENCY, Bound.NONE),
  /** Ether burnt as gas. */
  GAS(Wei.CURRENCY, Bound.NONE),
  /** The other side of ether the operator brought in or took out. */
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
