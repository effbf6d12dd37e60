package io.naap.clearinghouse.funding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When money that is set aside for jobs is returned to its tenant. */
@ConfigMapping(prefix = "naap.clearinghouse.idle-money")
public interface IdleConfig {
  /** How often fundings are checked. */
  @WithDefault("10s")
  Duration interval();

  /** Money that no job used for this long is returned. */
  @WithDefault("10s")
  Duration after();

  /** How long to wait for routers when a tenant needs its money at once. */
  @WithDefault("2500ms")
  Duration patience();
}
