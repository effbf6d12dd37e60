package io.naap.clearinghouse.signer.tickets;

import io.naap.contracts.money.NanoUsd;
import java.util.Optional;

/** How much of a tenant's credit moves into the hold of a session before a payment. */
public final class HoldRenewal {
  private HoldRenewal() {}

  /**
   * The smallest renewal that pays the cost, rounded up to a whole hold where the credit allows it.
   *
   * @param held by the session now
   * @param hold the usual size of a renewal
   * @return zero when the hold is enough; absent when hold and credit together are not
   */
  public static Optional<NanoUsd> of(NanoUsd cost, NanoUsd held, NanoUsd credit, NanoUsd hold) {
    if (held.compareTo(cost) >= 0) {
      return Optional.of(NanoUsd.ZERO);
    }
    NanoUsd renewal = cost.minus(held).max(hold).min(credit);
    return held.plus(renewal).compareTo(cost) < 0 ? Optional.empty() : Optional.of(renewal);
  }
}
