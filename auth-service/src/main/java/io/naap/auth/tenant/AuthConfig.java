package io.naap.auth.tenant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Settings of sessions, tenants and platform staff. */
@ConfigMapping(prefix = "naap.auth")
public interface AuthConfig {
  /** The public URL, which is the issuer of all tokens. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** Wallets whose users are operators of the platform. */
  @WithName("operator-wallets")
  Optional<Set<String>> operatorWallets();

  /** Wallets whose users are support: they read every tenant and change nothing. */
  @WithName("support-wallets")
  Optional<Set<String>> supportWallets();

  /** How long a session lives without a new sign-in. */
  @WithName("session-ttl")
  @WithDefault("P30D")
  Duration sessionTtl();

  /** The most sessions of a user; opening another ends the one that was not used for longest. */
  @WithName("sessions-per-user")
  @WithDefault("50")
  int sessionsPerUser();

  /** How long a used refresh token still returns its successor. */
  @WithName("refresh-grace")
  @WithDefault("PT10S")
  Duration refreshGrace();

  /** The most tenants that a user may own. */
  @WithName("tenants-per-user")
  @WithDefault("20")
  int tenantsPerUser();

  /** The most members of a tenant, open invitations included. */
  @WithName("members-per-tenant")
  @WithDefault("500")
  int membersPerTenant();

  /** The most service accounts of a tenant. */
  @WithName("service-accounts-per-tenant")
  @WithDefault("100")
  int serviceAccountsPerTenant();

  /** How long an invitation can be accepted. */
  @WithName("invitation-ttl")
  @WithDefault("P7D")
  Duration invitationTtl();
}
