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
  /** Expected value of tickets signed for a caller. */
  NETWORK_SPENT(Wei.CURRENCY, Bound.NOT_NEGATIVE),
  /** The other side of it: expected claims on our deposit. */
  TICKETS_ISSUED(Wei.CURRENCY, Bound.NOT_POSITIVE);

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

  String wireName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  private enum Bound {
    NOT_NEGATIVE,
    NOT_POSITIVE,
    NONE
  }
}
