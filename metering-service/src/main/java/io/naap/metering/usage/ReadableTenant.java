package io.naap.metering.usage;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.problem.Refusal;
import java.util.Optional;

/** Whose usage a caller may see. */
public final class ReadableTenant {
  private ReadableTenant() {}

  /** The caller's own; absent, which is every tenant, only for those who may read all. */
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

  /** One tenant: the one given, else the caller's own. */
  public static String oneTenant(Caller caller, String given) {
    String tenant = given == null ? caller.tenantId().orElse(null) : given;
    if (tenant == null || !caller.mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenant;
  }
}
