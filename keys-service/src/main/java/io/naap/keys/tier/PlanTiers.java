package io.naap.keys.tier;

import io.smallrye.mutiny.Uni;
import java.util.List;

/** Looks up the pool tiers that a tenant's plan allows. */
public interface PlanTiers {
  /**
   * The pool tiers of a tenant's plan, read with the caller's own permissions.
   *
   * @param authorization the caller's {@code Authorization} header
   * @return never empty; fails when metering does not answer
   */
  Uni<List<String>> of(String tenantId, String authorization);
}
