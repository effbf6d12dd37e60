package io.naap.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the store is waited for. */
@ConfigMapping(prefix = "naap.store")
public interface StoreConfig {
  /** How long one answer of the store may take before it counts as away. */
  @WithDefault("10S")
  Duration patience();
}
