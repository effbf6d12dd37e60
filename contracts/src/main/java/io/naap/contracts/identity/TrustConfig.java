package io.naap.contracts.identity;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How a service learns which tokens to believe. */
@ConfigMapping(prefix = "naap.trust")
public interface TrustConfig {
  /** Where auth-service answers, inside the cluster. */
  @WithDefault("${naap.auth-url}/internal/trust")
  String url();

  /** How often the document is read again. */
  @WithDefault("PT0.5S")
  Duration every();

  /** After so long without an answer no token is believed any more. */
  @WithDefault("PT10M")
  Duration maxAge();

  /** The issuer of every token. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** How far clocks may differ. */
  @WithDefault("PT5S")
  Duration skew();

  /** The longest a token may live. */
  @WithDefault("PT15M")
  Duration maxLife();
}
