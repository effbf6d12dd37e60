package io.naap.auth.device;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the device flow. */
@ConfigMapping(prefix = "naap.auth.device")
public interface DeviceConfig {
  /** How long a code can be approved. */
  @WithDefault("PT10M")
  Duration ttl();

  /** How often a device may ask; asking sooner adds five seconds each time. */
  @WithDefault("PT5S")
  Duration interval();

  /** Where people type the code; by default the portal's page for it. */
  Optional<String> verificationUri();
}
