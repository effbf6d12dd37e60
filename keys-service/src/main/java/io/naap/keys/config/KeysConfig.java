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
  /** The pepper that new secrets are hashed with: 32 random bytes in base 64. No default. */
  Secret pepper();

  /** The version of {@link #pepper()}; increase it with every new pepper. */
  @WithDefault("1")
  int pepperVersion();

  /** Peppers that older secrets were hashed with, by version. */
  @WithName("old-peppers")
  Map<Integer, Secret> oldPeppers();

  /** How long a router may cache a key's profile, in seconds. */
  @WithDefault("30")
  int profileTtlSeconds();

  /** The longest overlap of two secrets in a rotation, in seconds. */
  @WithDefault("2592000")
  long rotationOverlapMaxSeconds();

  /** How often the last use of keys is written to Postgres. */
  @WithDefault("3s")
  Duration storeUsesEvery();

  /** The most keys of a tenant. */
  @WithDefault("100000")
  long keysPerTenantMax();
}
