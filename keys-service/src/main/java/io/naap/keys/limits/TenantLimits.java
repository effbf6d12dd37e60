package io.naap.keys.limits;

import java.util.Optional;

/**
 * A tenant's limits.
 *
 * @param operator set by the operator; the tenant cannot pass it
 * @param own set by the tenant's owner, at most the operator's
 * @param effective the smaller of both, limit by limit
 * @param keys how many keys the tenant has
 * @param revision grows with every change; 0 when nothing was ever set
 */
public record TenantLimits(
    String tenantId, Ceiling operator, Ceiling own, Ceiling effective, long keys, long revision) {
  static TenantLimits of(
      String tenantId, Ceiling operator, Ceiling own, Optional<Long> keys, long revision) {
    return new TenantLimits(
        tenantId, operator, own, operator.tightest(own), keys.orElse(0L), revision);
  }
}
