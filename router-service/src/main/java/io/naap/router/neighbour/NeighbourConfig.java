package io.naap.router.neighbour;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How calls to other services are guarded. */
@ConfigMapping(prefix = "naap.router.neighbours")
public interface NeighbourConfig {
  /** The most time that one call takes: for a token, a connection and the answer. */
  @WithDefault("4s")
  Duration timeout();

  /** How often a failed call is repeated. */
  @WithDefault("1")
  int retries();

  /** The pause before a repetition. */
  @WithDefault("50ms")
  Duration retryDelay();

  /** The pause is longer or shorter by up to this, at random. */
  @WithDefault("25ms")
  Duration retryJitter();

  /** The circuit breaker looks at so many calls; when most of them failed, it opens. */
  @WithDefault("20")
  int breakerCalls();

  /** How long an open circuit breaker refuses calls before it tries one. */
  @WithDefault("1s")
  Duration breakerDelay();

  /** The most calls to one neighbour at a time; further ones wait. */
  @WithDefault("256")
  int concurrent();
}
