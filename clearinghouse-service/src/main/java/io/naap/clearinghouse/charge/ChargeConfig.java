package io.naap.clearinghouse.charge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How charges are consumed. */
@ConfigMapping(prefix = "naap.clearinghouse.charges")
public interface ChargeConfig {
  /** This process among those that read the stream. */
  @WithDefault("${HOSTNAME:clearinghouse}")
  String consumer();

  /** The most charges booked in one transaction. */
  @WithDefault("1000")
  int batch();
}
