package io.naap.clearinghouse.chain;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;

/** The chain, as it was last read. */
public interface ChainView {
  /** Absent when the chain was not read yet, or not lately. */
  Optional<Snapshot> latest();

  /**
   * True when an orchestrator is registered in the BondingManager contract.
   *
   * @return absent when the contract could not be asked
   */
  Optional<Boolean> isRegistered(Address orchestrator);

  /**
   * What was read at one time.
   *
   * @param l1Block the L1 block, also where the chain itself is an L2
   * @param withdrawRound zero unless the sender is unlocking
   * @param reserve what is left of it in this round
   * @param lastInitializedRound of the RoundsManager contract
   * @param roundBlockHash the block hash of that round, 32 bytes
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
