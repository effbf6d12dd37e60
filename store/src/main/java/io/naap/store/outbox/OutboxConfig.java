package io.naap.store.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How events that carry money are published and watched until they are acknowledged. */
@ConfigMapping(prefix = "naap.outbox")
public interface OutboxConfig {
  /**
   * The most rows of one topic that are in Redis and not acknowledged. The others wait in Postgres,
   * which bounds both Redis' memory while a consumer is down and what is sent again after a loss.
   */
  @WithDefault("2000")
  int inFlight();

  /** A row not acknowledged for so long is looked for in Redis, and sent again if it is gone. */
  @WithDefault("5S")
  Duration lookAfter();

  /** A row not acknowledged for so long is an ERROR in the log. */
  @WithDefault("5M")
  Duration alarmAfter();
}
