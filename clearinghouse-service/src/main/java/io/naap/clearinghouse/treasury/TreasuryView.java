package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One observation of the chain, and what the policies decided upon it.
 *
 * @param funding the funding wallet's address
 */
record TreasuryView(
    Optional<Address> funding,
    Optional<BigInteger> gasPrice,
    Refill refill,
    Swap swap,
    Sweeping sweeping,
    Round round) {
  static final TreasuryView NOTHING =
      new TreasuryView(
          Optional.empty(),
          Optional.empty(),
          new Refill(Optional.empty(), new Policy.Decision(List.of(), Optional.empty())),
          new Swap(Optional.empty(), new SwapPolicy.Decision.Nothing()),
          new Sweeping(false, List.of(), 0),
          new Round(0, Instant.EPOCH));

  /** The balances of deposit, reserve and wallets, and how they are refilled. */
  record Refill(Optional<Policy.Seen> seen, Policy.Decision decision) {}

  /** What a swap is decided upon, and the decision. */
  record Swap(Optional<SwapPolicy.Seen> seen, SwapPolicy.Decision decision) {
    /** Why a swap that is needed is not made. */
    Optional<String> held() {
      return decision instanceof SwapPolicy.Decision.Held held
          ? Optional.of(held.reason())
          : Optional.empty();
    }
  }

  /**
   * The deposit addresses to be swept.
   *
   * @param signedHere true when this process has their keys
   */
  record Sweeping(boolean signedHere, List<Sweeps.Sweep> sweeps, long chainId) {
    Sweeping {
      sweeps = List.copyOf(sweeps);
    }
  }

  /** The last initialized round, and when it was first seen. */
  record Round(long number, Instant since) {}
}
