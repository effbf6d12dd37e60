package io.naap.keys.authz;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of forward authorization for other gateways. */
@ConfigMapping(prefix = "naap.authz")
public interface AuthzConfig {
  /**
   * How long the result for a key is cached. A change made on this instance takes effect at once, a
   * change made on another instance after this time.
   */
  @WithDefault("1s")
  Duration keptFor();

  /** How long the result for an unknown key is cached. */
  @WithDefault("10s")
  Duration refusedFor();

  /** The most unknown keys that one client address (an IPv6 /64) may send in a minute. */
  @WithDefault("30")
  int unknownPerMinute();

  /** The most cached results. */
  @WithDefault("20000")
  int most();
}
