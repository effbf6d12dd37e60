package io.naap.metering.usage;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.problem.Refusal;
import java.util.Optional;

/** Decides which tenants' usage a caller may read. */
public final class ReadableTenant {
  private ReadableTenant() {}

  /**
   * The tenant to filter by: the given one if the caller may read it, else the caller's own.
   * Absent, which means every tenant, for callers that may read all tenants and give none.
   */
  public static Optional<String> tenant(Caller caller, String given) {
    if (given == null) {
      if (caller.tenantId().isEmpty() && !caller.readsAllTenants()) {
        throw Refusal.notFound("tenant").raise();
      }
      return caller.readsAllTenants() ? Optional.empty() : caller.tenantId();
    }
    if (!caller.mayRead(given)) {
      throw Refusal.notFound("tenant").raise();
    }
    return Optional.of(given);
  }

  /** The tenant to read: the given one if the caller may read it, else the caller's own. */
  public static String oneTenant(Caller caller, String given) {
    String tenant = given == null ? caller.tenantId().orElse(null) : given;
    if (tenant == null || !caller.mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenant;
  }
}
