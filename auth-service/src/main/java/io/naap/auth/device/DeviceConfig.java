package io.naap.auth.device;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the device flow. */
@ConfigMapping(prefix = "naap.auth.device")
public interface DeviceConfig {
  /** How long a device code can be approved. */
  @WithDefault("PT10M")
  Duration ttl();

  /**
   * How often a device may poll for its tokens; polling sooner adds five seconds to the interval.
   */
  @WithDefault("PT5S")
  Duration interval();

  /** The page where people type the user code; by default {@code /device} of the issuer. */
  Optional<String> verificationUri();
}
