package io.naap.auth.siwe;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Settings of sign-in. */
@ConfigMapping(prefix = "naap.auth.siwe")
public interface SiweConfig {
  /** The host and port that people sign in to, as their browser shows it. It has no default. */
  String domain();

  /** Chains whose accounts may sign in. */
  @WithDefault("1,42161")
  Set<Long> chainIds();

  /**
   * JSON-RPC endpoints by chain id, for accounts that are contracts. Without one, only accounts
   * with a key of their own sign in on that chain.
   */
  Map<Long, Secret> rpc();

  /** How long an endpoint may take over a call. */
  @WithDefault("PT2S")
  Duration rpcTimeout();

  /** How much gas a wallet may spend on saying whether a signature is its own. */
  @WithDefault("10000000")
  long rpcGas();

  /** How many calls are under way at once. */
  @WithDefault("16")
  int rpcCalls();

  /** How long a nonce is good. */
  @WithDefault("PT5M")
  Duration nonceTtl();

  /** How far a message's times may be off. */
  @WithDefault("PT30S")
  Duration skew();

  /** The longest a message may be good. */
  @WithDefault("PT1H")
  Duration maxLife();
}
