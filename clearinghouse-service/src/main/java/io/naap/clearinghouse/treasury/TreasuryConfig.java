package io.naap.clearinghouse.treasury;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigInteger;
import java.time.Duration;

/** The treasury's targets and limits. Amounts in wei. */
@ConfigMapping(prefix = "naap.clearinghouse.treasury")
public interface TreasuryConfig {
  /** False: the treasury only shows what it would do. */
  @WithDefault("false")
  boolean enabled();

  /** A deposit below this is filled up to its target. */
  @WithDefault("100000000000000000")
  BigInteger depositLow();

  /** What the deposit is filled up to, in wei. */
  @WithDefault("200000000000000000")
  BigInteger depositTarget();

  /** A reserve below this is filled up to its target. */
  @WithDefault("360000000000000000")
  BigInteger reserveLow();

  /** What the reserve is filled up to, in wei. */
  @WithDefault("400000000000000000")
  BigInteger reserveTarget();

  /** A hot wallet below this gets ether for gas, up to its target. */
  @WithDefault("0")
  BigInteger hotLow();

  /** What the hot wallet is filled up to, in wei. */
  @WithDefault("0")
  BigInteger hotTarget();

  /** The most ether moved in 24 hours. */
  @WithDefault("1000000000000000000")
  BigInteger dailyLimit();

  /** No intent is signed while gas costs more, and none ever offers more. */
  @WithDefault("5000000000")
  BigInteger maxGasPrice();

  /** The first priority fee of an intent. */
  @WithDefault("0")
  BigInteger priorityFee();

  /** Gas a call may use. */
  @WithDefault("1000000")
  long gasLimit();

  /** A transaction that is not mined after this time is replaced with 10 % more gas. */
  @WithDefault("60s")
  Duration replaceAfter();

  /** Blocks on top that make a transaction final. */
  @WithDefault("20")
  int finalityBlocks();

  /** The most intents under way at once. */
  @WithDefault("16")
  int mostOpen();

  /** How often the chain is read. */
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
