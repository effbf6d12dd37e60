package io.naap.metering.inbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** Settings for reading streams and storing usage. */
@ConfigMapping(prefix = "naap.metering")
public interface IngestConfig {
  /** The number of usage streams in Redis; routers must be configured with the same number. */
  @WithDefault("1")
  int usageShards();

  /** The name of this process in the Redis consumer group; unique among replicas. */
  @WithName("consumer")
  @WithDefault("${HOSTNAME:metering}")
  String consumer();

  /** The most events stored in one transaction. */
  @WithDefault("10000")
  int batch();

  /** How many readers, each with its own transaction, this process runs for a usage stream. */
  @WithDefault("2")
  int readers();
}
