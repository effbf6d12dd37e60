package io.naap.keys.tier;

import io.smallrye.mutiny.Uni;
import java.util.List;

/** The pool tiers that a tenant's plan allows. */
public interface PlanTiers {
  /**
   * Asks in the caller's name.
   *
   * @param authorization the caller's {@code Authorization} header
   * @return never empty; fails when metering does not answer
   */
  Uni<List<String>> of(String tenantId, String authorization);
}
