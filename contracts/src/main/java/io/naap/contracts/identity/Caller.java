package io.naap.contracts.identity;

import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The caller of a request, from a verified access token.
 *
 * @param subject {@code usr_...}, or a service's name
 * @param tenantId the tenant the caller acts for; absent for services
 * @param sessionId the session of a person; absent for services and service accounts
 * @param signedInAt when the person of the session last signed in; absent without a session
 */
public record Caller(
    String subject,
    Optional<String> tenantId,
    Set<Role> roles,
    Optional<String> wallet,
    Optional<String> sessionId,
    Optional<Instant> signedInAt) {
  static final String ATTRIBUTE = "naap.caller";

  /** The greatest age of a sign-in for actions that require a recent one. */
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
   * Requires that a person signed in recently (RFC 9470), for actions that cannot be undone: a
   * stolen token or an unlocked screen is not enough. Callers without a session, such as service
   * accounts, always pass.
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

  /** True for operators and support, who may read every tenant. */
  public boolean readsAllTenants() {
    return has(Role.OPERATOR) || has(Role.SUPPORT);
  }

  /** True when the caller may see objects of that tenant; otherwise they are answered with 404. */
  public boolean mayRead(String otherTenantId) {
    return readsAllTenants() || tenantId.filter(otherTenantId::equals).isPresent();
  }
}
