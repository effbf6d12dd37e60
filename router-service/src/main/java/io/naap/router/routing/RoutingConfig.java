package io.naap.router.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The routing table, and this router's own name and region. */
@ConfigMapping(prefix = "naap.router")
public interface RoutingConfig {
  /** The routing table, a YAML file; its schema is in the module's README. */
  Path routingTable();

  /** How often the file is checked for changes. */
  @WithDefault("1s")
  Duration routingTableEvery();

  /** This router's region: pools of the same region come first. */
  Optional<String> region();

  /** This router's name in usage events; unique among the routers. */
  @WithDefault("router-1")
  String instance();

  /** The directory where usage waits until metering has stored it. */
  Path spoolDirectory();

  /** Shards of the usage stream, the same for all routers and metering. */
  @WithDefault("1")
  int usageShards();

  /** The address by which clients reach the platform; media URLs in answers begin with it. */
  String publicUrl();
}
