package io.naap.metering.partition;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.time.Period;
import java.util.Optional;

/** How long data is kept. Sums by the day and invoices are kept for ever. */
@ConfigMapping(prefix = "naap.metering.retention")
public interface RetentionConfig {
  /** Usage events, for example {@code P400D}; kept for ever when absent. Deleted by whole days. */
  Optional<Period> events();

  /** Sums by the minute. */
  @WithDefault("P40D")
  Duration minutes();

  /** Sums by the hour. */
  @WithDefault("P400D")
  Duration hours();

  /** The request log. */
  @WithDefault("P14D")
  Duration requests();

  /** The delivery log of webhooks. */
  @WithDefault("P30D")
  Duration deliveries();
}
