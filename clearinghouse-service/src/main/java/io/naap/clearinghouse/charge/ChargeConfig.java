package io.naap.clearinghouse.charge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How the streams of charges, fees and invoices are read. */
@ConfigMapping(prefix = "naap.clearinghouse.charges")
public interface ChargeConfig {
  /** The name of this process in the streams' consumer group. */
  @WithDefault("${HOSTNAME:clearinghouse}")
  String consumer();

  /** The most charges booked in one transaction. */
  @WithDefault("1000")
  int batch();
}
