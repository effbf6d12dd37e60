package io.naap.clearinghouse.treasury;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigInteger;
import java.time.Duration;

/** What the treasury keeps, and how far it may go. Amounts in wei. */
@ConfigMapping(prefix = "naap.clearinghouse.treasury")
public interface TreasuryConfig {
  /** False plans nothing by itself: what would be done is told, and not done. */
  @WithDefault("false")
  boolean enabled();

  /** A deposit below this is filled up to its target. */
  @WithDefault("100000000000000000")
  BigInteger depositLow();

  @WithDefault("200000000000000000")
  BigInteger depositTarget();

  /** A reserve below this is filled up to its target. */
  @WithDefault("360000000000000000")
  BigInteger reserveLow();

  @WithDefault("400000000000000000")
  BigInteger reserveTarget();

  /** A hot wallet below this gets ether for gas, up to its target. */
  @WithDefault("0")
  BigInteger hotLow();

  @WithDefault("0")
  BigInteger hotTarget();

  /** The most ether moved in 24 hours. */
  @WithDefault("1000000000000000000")
  BigInteger dailyLimit();

  /** Nothing is begun while gas costs more, and nothing is ever offered more. */
  @WithDefault("5000000000")
  BigInteger maxGasPrice();

  /** Tipped at first. */
  @WithDefault("0")
  BigInteger priorityFee();

  /** Gas a call may use. */
  @WithDefault("1000000")
  long gasLimit();

  /** A transaction that was not mined for so long is replaced at 10 % more. */
  @WithDefault("60s")
  Duration replaceAfter();

  /** Blocks on top that make a transaction final. */
  @WithDefault("20")
  int finalityBlocks();

  /** The most intents under way at once. */
  @WithDefault("16")
  int mostOpen();

  /** How often the chain is asked. */
  @WithDefault("5s")
  Duration interval();

  /** Less runway than this, at the last day's pace, is an alert. */
  @WithDefault("24h")
  Duration runwayAlert();

  /**
   * A last round that stays the last for longer is an alert; a round is 5,760 L1 blocks, 19 hours.
   */
  @WithDefault("22h")
  Duration roundAlert();

  /** A newest block older than this is an alert: the node lags, or the chain stands still. */
  @WithDefault("60s")
  Duration blockLagAlert();
}
