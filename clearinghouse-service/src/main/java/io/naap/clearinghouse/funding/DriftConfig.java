package io.naap.clearinghouse.funding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How admission's money is compared with the ledger. */
@ConfigMapping(prefix = "naap.clearinghouse.drift")
public interface DriftConfig {
  /** How often all open fundings are looked at. */
  @WithDefault("30s")
  Duration interval();

  /** What is seen twice so far apart is no event on its way, and is corrected. */
  @WithDefault("20s")
  Duration patience();

  /** Usage that admission has settled and nobody has charged for so long is an alarm. */
  @WithDefault("15m")
  Duration lostAfter();

  /** False only measures and alarms. */
  @WithDefault("true")
  boolean correct();
}
