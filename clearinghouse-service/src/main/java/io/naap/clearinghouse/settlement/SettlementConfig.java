package io.naap.clearinghouse.settlement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the TicketBroker's events are read. */
@ConfigMapping(prefix = "naap.clearinghouse.settlement")
public interface SettlementConfig {
  /** Blocks below the newest that count as final where the node knows no finalized block. */
  @WithDefault("64")
  int finalityBlocks();

  /** True where the node's own finalized block is to be used. */
  @WithDefault("true")
  boolean finalizedTag();

  /** The most blocks asked for at once. */
  @WithDefault("2000")
  int blocksAtOnce();

  /** How often the chain is read. */
  @WithDefault("15s")
  Duration interval();
}
