package io.naap.clearinghouse.usdc;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Deposits of USDC. Without an extended public key no USDC is accepted. */
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

  /** How often the chain is read. */
  @WithDefault("15s")
  Duration interval();

  /** How credited USDC is swept to the treasury. */
  Sweep sweep();

  /** USDC from the tenants' addresses to the treasury's. */
  interface Sweep {
    /**
     * The treasury's address; without it nothing is swept, and what leaves elsewhere is an alarm.
     */
    Optional<String> to();

    /** Less than this, in millionths, stays where it is. */
    @WithDefault("100000000")
    BigInteger least();

    /** The most addresses swept at once. */
    @WithDefault("20")
    int mostAtOnce();

    /** Gas a transfer of the token may use. */
    @WithDefault("150000")
    long gasLimit();

    /**
     * A file with the extended private key of {@code xpub}, which others may not read. Without it
     * sweeps are planned and exported unsigned, for whoever holds that key.
     */
    Optional<Path> keyFile();
  }
}
