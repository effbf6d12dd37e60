package io.naap.keys.limits;

import java.util.Optional;

/**
 * The limits of a tenant over all its keys.
 *
 * @param operator the ceiling set by the operator; the tenant's own limits cannot exceed it
 * @param own set by the tenant's owner
 * @param effective the lower of both, limit by limit
 * @param keys the number of the tenant's keys
 * @param revision grows with every change; 0 when no limit was ever set
 */
public record TenantLimits(
    String tenantId, Ceiling operator, Ceiling own, Ceiling effective, long keys, long revision) {
  static TenantLimits of(
      String tenantId, Ceiling operator, Ceiling own, Optional<Long> keys, long revision) {
    return new TenantLimits(
        tenantId, operator, own, operator.tightest(own), keys.orElse(0L), revision);
  }
}
