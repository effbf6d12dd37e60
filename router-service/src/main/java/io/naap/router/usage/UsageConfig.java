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

  /** At most so much spooled usage is lost when the machine, and not only the process, dies. */
  @WithDefault("100ms")
  Duration syncEvery();

  /** How often what was spooled is put on the usage stream. */
  @WithDefault("50ms")
  Duration announceEvery();

  /**
   * How often metering is told of positions that are missing, until it has noted them. It must be
   * behind for as long before it is believed not to have what it confirmed once.
   */
  @WithDefault("30s")
  Duration declareEvery();
}
