package io.naap.keys.config;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Map;

/** Settings of keys. */
@ConfigMapping(prefix = "naap.keys")
public interface KeysConfig {
  /** The pepper that new keys are hashed under: 32 random bytes in base 64. It has no default. */
  Secret pepper();

  /** The version of {@link #pepper()}; raise it with every new pepper. */
  @WithDefault("1")
  int pepperVersion();

  /** Peppers that older keys were hashed under, by version. */
  @WithName("old-peppers")
  Map<Integer, Secret> oldPeppers();

  /** How long a router may use a key's profile without asking again, in seconds. */
  @WithDefault("30")
  int profileTtlSeconds();

  /** The longest overlap of a rotation, in seconds. */
  @WithDefault("2592000")
  long rotationOverlapMaxSeconds();

  /** How often uses of keys are stored. */
  @WithDefault("3s")
  Duration storeUsesEvery();

  /** The most keys a tenant may have. */
  @WithDefault("100000")
  long keysPerTenantMax();
}
