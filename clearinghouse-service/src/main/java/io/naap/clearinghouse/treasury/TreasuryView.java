package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One look at the chain, and what was decided upon it. */
record TreasuryView(
    Optional<Address> funding,
    Optional<Policy.Seen> seen,
    Policy.Decision decision,
    Optional<BigInteger> gasPrice,
    Optional<SwapPolicy.Seen> swapSeen,
    SwapPolicy.Decision swap,
    boolean sweepsHere,
    List<Sweeps.Sweep> sweeps,
    long chainId,
    long round,
    Instant roundSince) {
  static final TreasuryView NOTHING =
      new TreasuryView(
          Optional.empty(),
          Optional.empty(),
          new Policy.Decision(List.of(), Optional.empty()),
          Optional.empty(),
          Optional.empty(),
          new SwapPolicy.Decision.Nothing(),
          false,
          List.of(),
          0,
          0,
          Instant.EPOCH);

  TreasuryView {
    sweeps = List.copyOf(sweeps);
  }

  Optional<String> swapHeld() {
    return swap instanceof SwapPolicy.Decision.Held held
        ? Optional.of(held.reason())
        : Optional.empty();
  }
}
