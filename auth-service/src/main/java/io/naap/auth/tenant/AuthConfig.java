package io.naap.auth.tenant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Who runs the platform, and how long people stay signed in. */
@ConfigMapping(prefix = "naap.auth")
public interface AuthConfig {
  /** The public origin. */
  @WithDefault("${naap.issuer}")
  String issuer();

  /** Wallets whose users run the platform. */
  @WithName("operator-wallets")
  Optional<Set<String>> operatorWallets();

  /** Wallets whose users help customers: they read every tenant and change nothing. */
  @WithName("support-wallets")
  Optional<Set<String>> supportWallets();

  /** How long a session lives without signing in again. */
  @WithName("session-ttl")
  @WithDefault("P30D")
  Duration sessionTtl();

  /** The most sessions a person may have at once; one more ends the one not used for longest. */
  @WithName("sessions-per-user")
  @WithDefault("50")
  int sessionsPerUser();

  /** How long a used refresh token still gives its successor again. */
  @WithName("refresh-grace")
  @WithDefault("PT10S")
  Duration refreshGrace();

  /** The most tenants a user may have made. */
  @WithName("tenants-per-user")
  @WithDefault("20")
  int tenantsPerUser();

  /** The most members a tenant may have, open invitations included. */
  @WithName("members-per-tenant")
  @WithDefault("500")
  int membersPerTenant();

  /** The most service accounts a tenant may have. */
  @WithName("service-accounts-per-tenant")
  @WithDefault("100")
  int serviceAccountsPerTenant();

  /** How long an invitation can be accepted. */
  @WithName("invitation-ttl")
  @WithDefault("P7D")
  Duration invitationTtl();
}
