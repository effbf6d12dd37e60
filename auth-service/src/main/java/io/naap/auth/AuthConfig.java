package io.naap.auth;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Settings of the service as a whole. */
@ConfigMapping(prefix = "naap.auth")
public interface AuthConfig {
  /** The public origin: issuer of every token. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** Secrets of the services that may ask for internal tokens, by client id. */
  @WithName("service-clients")
  Map<String, Secret> serviceClients();

  /** Wallets whose users run the platform. */
  @WithName("operator-wallets")
  Optional<Set<String>> operatorWallets();

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

  /** How long a session lives without signing in again. */
  @WithName("session-ttl")
  @WithDefault("P30D")
  Duration sessionTtl();

  /** How many times a minute one address may ask for a nonce, verify, or token. */
  @WithName("attempts-per-minute")
  @WithDefault("300")
  long attemptsPerMinute();
}
