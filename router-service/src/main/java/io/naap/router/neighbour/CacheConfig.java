package io.naap.router.neighbour;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How answers of other services are kept. */
@ConfigMapping(prefix = "naap.admission")
public interface CacheConfig {
  /**
   * How long warm keys and plans serve beyond their time while the service that gives them is away.
   * A key or plan whose change was pushed is not served, nor one that is not known yet.
   */
  @WithDefault("10m")
  Duration staleFor();
}
