package io.naap.router.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where the routing table is. */
@ConfigMapping(prefix = "naap.router")
public interface RoutingConfig {
  /** The routing table, a YAML file; its schema is in the module's README. */
  Path routingTable();

  /** How often the file is looked at for changes. */
  @WithDefault("1s")
  Duration routingTableEvery();

  /** Where this router is: pools of the same region come first. */
  Optional<String> region();

  /** This router's name in usage events; unique among the routers. */
  @WithDefault("router-1")
  String instance();

  /** Where usage waits until metering has stored it. */
  Path spoolDirectory();

  /** Shards of the usage stream, the same for all routers and metering. */
  @WithDefault("1")
  int usageShards();

  /** The origin clients see; media URLs in answers begin with it. */
  String publicUrl();
}
