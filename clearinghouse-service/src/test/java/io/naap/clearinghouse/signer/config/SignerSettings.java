package io.naap.clearinghouse.signer.config;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The signer's configuration with its defaults, for tests without a server. */
public final class SignerSettings {
  private SignerSettings() {}

  /**
   * The defaults and some settings.
   *
   * @param settings by name without the prefix
   */
  public static SignerConfig with(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((name, value) -> properties.put("naap.clearinghouse.signer." + name, value));
    return new SmallRyeConfigBuilder()
        .withMapping(SignerConfig.class)
        .withConverter(Duration.class, 200, new DurationConverter())
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(SignerConfig.class);
  }
}
