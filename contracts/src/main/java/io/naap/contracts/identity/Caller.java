package io.naap.contracts.identity;

import io.quarkus.security.identity.SecurityIdentity;
import java.util.Optional;
import java.util.Set;

/**
 * Who is calling, from a verified token.
 *
 * @param subject {@code usr_...}, or a service's name
 * @param tenantId the tenant the caller acts for; absent for services
 * @param sessionId absent for services
 */
public record Caller(
    String subject,
    Optional<String> tenantId,
    Set<Role> roles,
    Optional<String> wallet,
    Optional<String> sessionId) {
  static final String ATTRIBUTE = "naap.caller";

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
