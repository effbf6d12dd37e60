package io.naap.metering.inbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** How usage is consumed. */
@ConfigMapping(prefix = "naap.metering")
public interface IngestConfig {
  /** How many usage streams there are; the routers must say the same. */
  @WithDefault("1")
  int usageShards();

  /** This process among those that read the streams. */
  @WithName("consumer")
  @WithDefault("${HOSTNAME:metering}")
  String consumer();

  /** The most events stored in one transaction. */
  @WithDefault("10000")
  int batch();

  /** How many transactions a shard may have at once in this process. */
  @WithDefault("2")
  int readers();
}
