package io.naap.auth.siwe;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Set;

/** Settings of sign-in. */
@ConfigMapping(prefix = "naap.auth.siwe")
public interface SiweConfig {
  /** The host and port that people sign in to, as their browser shows it. It has no default. */
  String domain();

  /** Chains whose accounts may sign in. */
  @WithDefault("1,42161")
  Set<Long> chainIds();

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
