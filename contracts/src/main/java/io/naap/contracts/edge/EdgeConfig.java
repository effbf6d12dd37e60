package io.naap.contracts.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits on every request of a service. */
@ConfigMapping(prefix = "naap.edge")
public interface EdgeConfig {
  /** The most bytes all headers together may have. */
  @WithDefault("16384")
  int maxHeaderBytes();

  /** The most bytes a body may declare. */
  @WithDefault("1048576")
  long maxBodyBytes();
}
