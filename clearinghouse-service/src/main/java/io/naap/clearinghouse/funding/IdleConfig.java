package io.naap.clearinghouse.funding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When money that was set aside for jobs goes back to its tenant. */
@ConfigMapping(prefix = "naap.clearinghouse.idle-money")
public interface IdleConfig {
  /** How often money that is set aside is looked at. */
  @WithDefault("10s")
  Duration interval();

  /** Money that no job has used for so long goes back. */
  @WithDefault("10s")
  Duration after();

  /** How long routers are waited for when a tenant needs its money at once. */
  @WithDefault("2500ms")
  Duration patience();
}
