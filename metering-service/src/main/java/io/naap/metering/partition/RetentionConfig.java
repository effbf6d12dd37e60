package io.naap.metering.partition;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.time.Period;
import java.util.Optional;

/** How long data is kept. Sums by the day and invoices are kept for ever. */
@ConfigMapping(prefix = "naap.metering.retention")
public interface RetentionConfig {
  /**
   * How long usage events are kept, for example {@code P400D}; for ever when absent. They are
   * deleted by whole days.
   */
  Optional<Period> events();

  /** How long sums by the minute are kept. */
  @WithDefault("P40D")
  Duration minutes();

  /** How long sums by the hour are kept. */
  @WithDefault("P400D")
  Duration hours();

  /** How long the request log is kept. */
  @WithDefault("P14D")
  Duration requests();

  /** How long the delivery log of webhooks is kept. */
  @WithDefault("P30D")
  Duration deliveries();
}
