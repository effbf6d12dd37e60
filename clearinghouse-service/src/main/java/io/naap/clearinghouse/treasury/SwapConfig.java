package io.naap.clearinghouse.treasury;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/**
 * How the funding wallet buys ether with its USDC. Ether in wei, USDC in millionths. The treasury's
 * pause and gas ceiling hold here too; without {@code naap.clearinghouse.treasury.enabled} swaps
 * are only shown.
 */
@ConfigMapping(prefix = "naap.clearinghouse.swap")
public interface SwapConfig {
  /**
   * The router contract (Uniswap's SwapRouter02, or one with its functions); without it no swaps.
   */
  Optional<String> router();

  /** A quoter contract (QuoterV2) that is asked before each swap. */
  Optional<String> quoter();

  /** Wrapped ether, on Arbitrum One. */
  @WithDefault("0x82aF49447D8a07e3bd95BD0d56f35241523fBab1")
  String weth();

  /** Fee of the pool, in millionths. */
  @WithDefault("500")
  int poolFee();

  /** A funding wallet below this buys ether, up to its target. */
  @WithDefault("0")
  BigInteger etherLow();

  /** What the funding wallet buys ether up to, in wei. */
  @WithDefault("0")
  BigInteger etherTarget();

  /** The least USDC worth a swap. */
  @WithDefault("10000000")
  BigInteger least();

  /** The most USDC of one swap, and the most the router is ever allowed to take. */
  @WithDefault("2000000000")
  BigInteger most();

  /** The most USDC swapped in 24 hours. */
  @WithDefault("10000000000")
  BigInteger dailyLimit();

  /** How much less than the price says is accepted: 0.005 is half a percent. */
  @WithDefault("0.005")
  BigDecimal slippage();

  /** A swap that is not mined within this time does nothing. */
  @WithDefault("10m")
  Duration validFor();
}
