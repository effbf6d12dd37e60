package io.naap.router.neighbour;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How key profiles are kept. */
@ConfigMapping(prefix = "naap.key-profiles")
public interface KeyProfileConfig {
  /** The most profiles, good and bad together, kept in memory. */
  @WithDefault("20000")
  int most();

  /** How long a refused key is remembered as refused; any change of a key ends it. */
  @WithDefault("30s")
  Duration refusedFor();

  /** Keys that do not exist which one client address (an IPv6 /64) may ask about in a minute. */
  @WithDefault("30")
  int unknownPerMinute();
}
