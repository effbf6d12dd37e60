package io.naap.router.live;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Live AI streams. */
@ConfigMapping(prefix = "naap.live")
public interface LiveConfig {
  /** What is set aside for the next stretch of a stream; more than two heartbeats. */
  @WithDefault("12s")
  Duration stretch();

  /** A stream not in any heartbeat for so long has ended. */
  @WithDefault("20s")
  Duration sessionTimeout();

  /** How often a gateway is asked whether it still has a BYOC stream. */
  @WithDefault("5s")
  Duration watch();

  /** Who may listen to the data of one BYOC stream at once, through one router. */
  @WithDefault("4")
  int dataListeners();

  /** A BYOC stream's data that is silent for so long is not listened to any more. */
  @WithDefault("5m")
  Duration dataSilence();

  /**
   * Allows outputs of BYOC streams at addresses that are not public, for a machine of one's own.
   */
  @WithDefault("false")
  boolean allowPrivateOutputs();

  /**
   * When the gateway of a stream that began is asked whether an orchestrator took it; again after
   * twice as long.
   */
  @WithDefault("2s")
  Duration startLook();

  /** How often silent streams are looked for. */
  @WithDefault("2s")
  Duration sweepEvery();
}
