package io.naap.router.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When a gateway that fails gets no more jobs for a while. */
@ConfigMapping(prefix = "naap.outliers")
public interface OutlierConfig {
  /** Failures in a row that eject. */
  @WithDefault("5")
  int failuresInARow();

  /** How long failures are counted together. */
  @WithDefault("10s")
  Duration window();

  /** Jobs in a window before their share of failures counts. */
  @WithDefault("20")
  int windowJobs();

  /** The share of failures in a window that ejects. */
  @WithDefault("50")
  int failurePercent();

  /** How long the first time; each further time is twice as long. */
  @WithDefault("5s")
  Duration ejectedFor();

  /** How long at most; after as long in service the next time counts as the first. */
  @WithDefault("60s")
  Duration ejectedAtMost();

  /** The share of a pool's gateways that may be out at once, rounded down. */
  @WithDefault("50")
  int mostEjectedPercent();

  /** Until {@code GET /healthz} of a gateway that dropped a job, or was late, is answered. */
  @WithDefault("2s")
  Duration healthTimeout();

  /** How long a model that a gateway had no capacity for is tried elsewhere first. */
  @WithDefault("1s")
  Duration noCapacityFor();

  /** How long at most; each further time is twice as long. */
  @WithDefault("60s")
  Duration noCapacityAtMost();
}
