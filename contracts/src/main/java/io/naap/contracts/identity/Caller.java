package io.naap.contracts.identity;

import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Who is calling, from a verified token.
 *
 * @param subject {@code usr_...}, or a service's name
 * @param tenantId the tenant the caller acts for; absent for services
 * @param sessionId of a person; absent for services and programs
 * @param signedInAt when the person of the session proved who they are; absent like the session
 */
public record Caller(
    String subject,
    Optional<String> tenantId,
    Set<Role> roles,
    Optional<String> wallet,
    Optional<String> sessionId,
    Optional<Instant> signedInAt) {
  static final String ATTRIBUTE = "naap.caller";

  /** How old a sign-in may be where a recent one is asked for. */
  public static final Duration RECENT_SIGN_IN = Duration.ofMinutes(15);

  public Caller {
    roles = Set.copyOf(roles);
  }

  /**
   * The caller of the current request.
   *
   * @throws IllegalStateException when the endpoint is open to callers without a token
   */
  public static Caller of(SecurityIdentity identity) {
    Caller caller = identity.getAttribute(ATTRIBUTE);
    if (caller == null) {
      throw new IllegalStateException("the endpoint lets anonymous callers in");
    }
    return caller;
  }

  /**
   * Asks a person who is about to do what cannot be taken back to have signed in lately (RFC 9470):
   * a token that was stolen or a screen that was left open is not enough. Programs, which have no
   * session, are not asked.
   *
   * @throws Refusal.RefusedException 401 {@code insufficient_user_authentication}
   */
  public void requireRecentSignIn(Instant now) {
    boolean recent = signedInAt.filter(at -> !at.plus(RECENT_SIGN_IN).isBefore(now)).isPresent();
    if (sessionId.isPresent() && !recent) {
      throw Refusal.of(
              401,
              Refusal.OLD_SIGN_IN,
              "This asks for a sign-in of the last "
                  + RECENT_SIGN_IN.toMinutes()
                  + " minutes: sign in again and repeat it.")
          .raise();
    }
  }

  public boolean has(Role role) {
    return roles.contains(role);
  }

  /** Runs or watches the platform, so may read every tenant. */
  public boolean readsAllTenants() {
    return has(Role.OPERATOR) || has(Role.SUPPORT);
  }

  /** True when an object of that tenant may be shown to the caller; otherwise it is a 404. */
  public boolean mayRead(String otherTenantId) {
    return readsAllTenants() || tenantId.filter(otherTenantId::equals).isPresent();
  }
}
