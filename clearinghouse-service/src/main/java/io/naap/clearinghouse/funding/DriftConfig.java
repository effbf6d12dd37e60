package io.naap.clearinghouse.funding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How tenants' money in Redis is compared with the ledger. */
@ConfigMapping(prefix = "naap.clearinghouse.drift")
public interface DriftConfig {
  /** How often all open fundings are compared. */
  @WithDefault("30s")
  Duration interval();

  /** A difference that is seen for this long is corrected. */
  @WithDefault("20s")
  Duration patience();

  /** Usage that Redis has settled and that is not charged after this time raises an alarm. */
  @WithDefault("15m")
  Duration lostAfter();

  /** False reports differences and corrects none. */
  @WithDefault("true")
  boolean correct();
}
