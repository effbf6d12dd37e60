package io.naap.router.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When a failing gateway gets no jobs for a while. */
@ConfigMapping(prefix = "naap.outliers")
public interface OutlierConfig {
  /** How many failures in a row eject a gateway. */
  @WithDefault("5")
  int failuresInARow();

  /** How long failures are counted together. */
  @WithDefault("10s")
  Duration window();

  /** How many jobs a window must have before its percentage of failures counts. */
  @WithDefault("20")
  int windowJobs();

  /** The percentage of failures in a window that ejects. */
  @WithDefault("50")
  int failurePercent();

  /** For how long a gateway is ejected the first time; each further time is twice as long. */
  @WithDefault("5s")
  Duration ejectedFor();

  /**
   * For how long a gateway is ejected at most; after as long in service the next time counts as the
   * first.
   */
  @WithDefault("60s")
  Duration ejectedAtMost();

  /** The percentage of a pool's gateways that may be ejected at once, rounded down. */
  @WithDefault("50")
  int mostEjectedPercent();

  /**
   * The most time that a gateway that dropped a job, or was late, may take to answer {@code GET
   * /healthz}.
   */
  @WithDefault("2s")
  Duration healthTimeout();

  /** For how long a model that a gateway had no capacity for is tried elsewhere first. */
  @WithDefault("1s")
  Duration noCapacityFor();

  /** The same at most; each further time is twice as long. */
  @WithDefault("60s")
  Duration noCapacityAtMost();
}
