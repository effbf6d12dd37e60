package io.naap.deploy.simulator;

import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** A chain on which time passes: an L1 block each 12 seconds, a round each 5,760 blocks. */
final class ChainState {
  private static final long FIRST_BLOCK = 24_000_000;
  private static final long ROUND_BLOCKS = 5_760;
  private static final Duration BLOCK_TIME = Duration.ofSeconds(12);

  private final Clock clock;
  private final Instant start;
  private volatile BigInteger deposit = new BigInteger("2000000000000000000");
  private volatile BigInteger reserve = new BigInteger("1000000000000000000");

  ChainState(Clock clock) {
    this.clock = clock;
    this.start = clock.instant();
  }

  long l1Block() {
    return FIRST_BLOCK + Duration.between(start, clock.instant()).dividedBy(BLOCK_TIME);
  }

  long round() {
    return l1Block() / ROUND_BLOCKS;
  }

  byte[] roundHash() {
    return Eth.keccak(Wire.word(BigInteger.valueOf(round())));
  }

  /** What tickets of this round carry: the round and its block hash. */
  byte[] auxData() {
    return Eth.concat(Wire.word(BigInteger.valueOf(round())), roundHash());
  }

  BigInteger deposit() {
    return deposit;
  }

  BigInteger reserve() {
    return reserve;
  }

  void fund(BigInteger newDeposit, BigInteger newReserve) {
    deposit = newDeposit;
    reserve = newReserve;
  }
}
