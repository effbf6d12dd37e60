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
  /** The host and port that people sign in to, as shown in their browser. No default. */
  String domain();

  /** The chains whose accounts may sign in. */
  @WithDefault("1,42161")
  Set<Long> chainIds();

  /**
   * JSON-RPC endpoints by chain id, needed for contract wallets. On a chain without an endpoint
   * only accounts with a key can sign in.
   */
  Map<Long, Secret> rpc();

  /** How long one attempt of a call to an endpoint may take. */
  @WithDefault("PT2S")
  Duration rpcTimeout();

  /** The most gas of a call that verifies a contract wallet's signature. */
  @WithDefault("10000000")
  long rpcGas();

  /** The most concurrent calls to one endpoint; further ones wait. */
  @WithDefault("16")
  int rpcCalls();

  /** How often a call is repeated that got no answer. */
  @WithDefault("1")
  int rpcRetries();

  /** The pause before a repetition. */
  @WithDefault("PT0.2S")
  Duration rpcRetryDelay();

  /** The pause is longer or shorter by up to this, at random. */
  @WithDefault("PT0.1S")
  Duration rpcRetryJitter();

  /** An endpoint's circuit breaker looks at so many calls; when most of them failed, it opens. */
  @WithDefault("20")
  int rpcBreakerCalls();

  /** How long an open circuit breaker refuses calls before it tries one. */
  @WithDefault("PT2S")
  Duration rpcBreakerDelay();

  /** How long a nonce is valid. */
  @WithDefault("PT5M")
  Duration nonceTtl();

  /** How far a message's times may differ from our clock. */
  @WithDefault("PT30S")
  Duration skew();

  /** The longest lifetime of a message. */
  @WithDefault("PT1H")
  Duration maxLife();
}
