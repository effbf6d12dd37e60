package io.naap.clearinghouse.chain;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;

/** The chain as last seen. */
public interface ChainView {
  /** Empty when there is no view, or only an old one. */
  Optional<Snapshot> latest();

  /**
   * Whether an orchestrator is registered in the BondingManager.
   *
   * @return nothing when the chain does not say
   */
  Optional<Boolean> isRegistered(Address orchestrator);

  /**
   * One look at the chain.
   *
   * @param l1Block the L1 block, also where the chain itself is an L2
   * @param withdrawRound zero unless the sender is unlocking
   * @param reserve what is left of it in this round
   * @param lastInitializedRound with
   * @param roundBlockHash its block hash, 32 bytes
   */
  record Snapshot(
      Instant seenAt,
      BigInteger l1Block,
      BigInteger deposit,
      BigInteger withdrawRound,
      BigInteger reserve,
      long lastInitializedRound,
      ByteString roundBlockHash) {}
}
