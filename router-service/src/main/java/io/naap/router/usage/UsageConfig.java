package io.naap.router.usage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How usage is kept until metering has it. */
@ConfigMapping(prefix = "naap.usage")
public interface UsageConfig {
  /** The most bytes the spool may hold; when it is full no new job is admitted. */
  @WithDefault("268435456")
  long spoolMaxBytes();

  /** Bytes after which a new segment file begins. */
  @WithDefault("8388608")
  long segmentBytes();

  /** How often the spool is forced to the disk: so much usage can be lost when the machine dies. */
  @WithDefault("100ms")
  Duration syncEvery();

  /** How often events are sent to the usage streams. */
  @WithDefault("50ms")
  Duration announceEvery();

  /**
   * How often missing positions are declared to metering, until it has noted them. Metering must
   * say for as long that it has less than it had confirmed before that is believed.
   */
  @WithDefault("30s")
  Duration declareEvery();
}
