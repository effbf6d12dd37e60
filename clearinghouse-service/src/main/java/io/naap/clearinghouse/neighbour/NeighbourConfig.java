package io.naap.clearinghouse.neighbour;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How calls to neighbours are guarded. Each neighbour's timeout is among its own properties. */
@ConfigMapping(prefix = "naap.clearinghouse.neighbours")
public interface NeighbourConfig {
  /** How often a failed call is repeated. */
  @WithDefault("2")
  int retries();

  /** The pause before a repetition. */
  @WithDefault("200ms")
  Duration retryDelay();

  /** The pause is longer or shorter by up to this, at random. */
  @WithDefault("100ms")
  Duration retryJitter();

  /** The circuit breaker looks at so many calls; when most of them failed, it opens. */
  @WithDefault("20")
  int breakerCalls();

  /** How long an open circuit breaker refuses calls before it tries one. */
  @WithDefault("2s")
  Duration breakerDelay();

  /** The most calls to one neighbour at a time; further ones wait. */
  @WithDefault("256")
  int concurrent();
}
