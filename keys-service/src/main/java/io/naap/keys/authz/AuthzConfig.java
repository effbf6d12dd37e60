package io.naap.keys.authz;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How other gateways' requests are authorised. */
@ConfigMapping(prefix = "naap.authz")
public interface AuthzConfig {
  /**
   * How long an answer about a key is kept. What this instance changes is forgotten at once; what
   * another one changes, after this time.
   */
  @WithDefault("1s")
  Duration keptFor();

  /** How long a key that does not exist is remembered as such. */
  @WithDefault("10s")
  Duration refusedFor();

  /** Keys that do not exist which one client address (an IPv6 /64) may ask about in a minute. */
  @WithDefault("30")
  int unknownPerMinute();

  /** The most answers kept. */
  @WithDefault("20000")
  int most();
}
