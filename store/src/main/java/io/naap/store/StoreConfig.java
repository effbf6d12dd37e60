package io.naap.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long answers of Postgres are waited for. */
@ConfigMapping(prefix = "naap.store")
public interface StoreConfig {
  /** How long one answer may take before Postgres counts as away. */
  @WithDefault("10S")
  Duration patience();
}
