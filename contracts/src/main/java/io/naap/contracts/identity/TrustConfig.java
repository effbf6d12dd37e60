package io.naap.contracts.identity;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures how a service verifies tokens. */
@ConfigMapping(prefix = "naap.trust")
public interface TrustConfig {
  /** URL of the trust document, inside the cluster. */
  @WithDefault("${naap.auth-url}/internal/trust")
  String url();

  /** How often the trust document is read. */
  @WithDefault("PT0.5S")
  Duration every();

  /** How long tokens are still accepted after auth-service last answered. */
  @WithDefault("PT10M")
  Duration maxAge();

  /** The issuer of every token. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** How far the clocks of two services may differ. */
  @WithDefault("PT5S")
  Duration skew();

  /** The longest lifetime of a token. */
  @WithDefault("PT15M")
  Duration maxLife();
}
