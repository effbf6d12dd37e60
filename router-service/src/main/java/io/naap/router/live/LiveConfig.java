package io.naap.router.live;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Live AI streams. */
@ConfigMapping(prefix = "naap.live")
public interface LiveConfig {
  /**
   * The length of a stretch: a stream is billed and its next hold taken in stretches. It must be
   * more than two heartbeats.
   */
  @WithDefault("12s")
  Duration stretch();

  /** A stream that was in no heartbeat for so long has ended. */
  @WithDefault("20s")
  Duration sessionTimeout();

  /** How often a gateway is asked whether it still has a BYOC stream. */
  @WithDefault("5s")
  Duration watch();

  /** How many may listen to the data of one BYOC stream at once, through one router. */
  @WithDefault("4")
  int dataListeners();

  /** A listener is disconnected when a BYOC stream makes no data for so long. */
  @WithDefault("5m")
  Duration dataSilence();

  /** Allows outputs of BYOC streams at private addresses, for a development machine. */
  @WithDefault("false")
  boolean allowPrivateOutputs();

  /**
   * How long after a stream's start its gateway is asked whether an orchestrator took it; once more
   * after three times as long.
   */
  @WithDefault("2s")
  Duration startLook();

  /** How often silent streams are looked for. */
  @WithDefault("2s")
  Duration sweepEvery();
}
