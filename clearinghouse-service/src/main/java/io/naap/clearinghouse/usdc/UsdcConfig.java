package io.naap.clearinghouse.usdc;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/** Deposits of USDC; without an extended public key there are none. */
@ConfigMapping(prefix = "naap.clearinghouse.usdc")
public interface UsdcConfig {
  /** Extended public key of the account, {@code xpub...} of {@code m/44'/60'/0'}. */
  Optional<String> xpub();

  /** The token, native USDC on Arbitrum One. */
  @WithDefault("0xaf88d065e77c8cC2239327C5EDb3A432268e5831")
  String token();

  /** Blocks below the newest that count as final where the node knows no finalized block. */
  @WithDefault("64")
  int finalityBlocks();

  /** True where the node's own finalized block is to be used. */
  @WithDefault("true")
  boolean finalizedTag();

  /** The most blocks asked for at once. */
  @WithDefault("2000")
  int blocksAtOnce();

  /** Less than this, in millionths, is dust and not credited. */
  @WithDefault("10000")
  BigInteger dust();

  /** How often the chain is asked. */
  @WithDefault("15s")
  Duration interval();
}
