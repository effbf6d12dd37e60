package io.naap.auth.token;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Map;

/** Settings of tokens and the keys that sign them. */
@ConfigMapping(prefix = "naap.auth")
public interface TokenConfig {
  /** The public origin: issuer of every token. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** Secrets of the services that may ask for internal tokens, by client id. */
  @WithName("service-clients")
  Map<String, Secret> serviceClients();

  /** Encrypts signing keys at rest: 32 random bytes in base 64. It has no default. */
  @WithName("key-encryption-secret")
  Secret keyEncryptionSecret();

  /** How long an access token lives. */
  @WithName("access-token-ttl")
  @WithDefault("PT10M")
  Duration accessTokenTtl();

  /** How long a service's token lives. */
  @WithName("service-token-ttl")
  @WithDefault("PT5M")
  Duration serviceTokenTtl();

  /** How long a key signs before the next takes over. */
  @WithName("key-rotation")
  @WithDefault("P30D")
  Duration keyRotation();

  /** How long a key is published before it signs: longer than any verifier's cache. */
  @WithName("key-lead")
  @WithDefault("PT1M")
  Duration keyLead();

  /** How far clocks may differ. */
  @WithName("clock-skew")
  @WithDefault("PT5S")
  Duration skew();

  /** The longest any token lives. */
  default Duration longestLife() {
    return accessTokenTtl().compareTo(serviceTokenTtl()) > 0 ? accessTokenTtl() : serviceTokenTtl();
  }
}
