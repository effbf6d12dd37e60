package io.naap.auth.siwe;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;

/** Builds configurations for tests that do not start the service. */
final class Configs {
  private Configs() {}

  /** Sign-in settings, by their names without the prefix. */
  static SiweConfig siwe(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("naap.auth.siwe.domain", "localhost:8080");
    settings.forEach((name, value) -> properties.put("naap.auth.siwe." + name, value));
    return new SmallRyeConfigBuilder()
        .withMapping(SiweConfig.class)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(SiweConfig.class);
  }
}
