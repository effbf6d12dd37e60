package io.naap.auth.token;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Map;

/** Settings of tokens and signing keys. */
@ConfigMapping(prefix = "naap.auth")
public interface TokenConfig {
  /** The public URL, which is the issuer of all tokens. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** Secrets of the services that may ask for internal tokens, by client id. */
  @WithName("service-clients")
  Map<String, Secret> serviceClients();

  /** The key that encrypts stored signing keys: 32 random bytes in base 64. No default. */
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

  /** How long a key signs before the next one takes over. */
  @WithName("key-rotation")
  @WithDefault("P30D")
  Duration keyRotation();

  /** How long a key is published before it signs; must be longer than verifiers cache keys. */
  @WithName("key-lead")
  @WithDefault("PT1M")
  Duration keyLead();

  /** How far the clocks of two services may differ. */
  @WithName("clock-skew")
  @WithDefault("PT5S")
  Duration skew();

  /** The longest lifetime of any token. */
  default Duration longestLife() {
    return accessTokenTtl().compareTo(serviceTokenTtl()) > 0 ? accessTokenTtl() : serviceTokenTtl();
  }
}
