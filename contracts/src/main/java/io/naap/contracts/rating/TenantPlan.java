package io.naap.contracts.rating;

import io.naap.contracts.keys.KeyLimits;
import java.util.List;

/**
 * The plan version in force for a tenant, whether it pays in advance, and what the plan allows.
 *
 * @param tier the pool tier the plan gives
 * @param limits of the plan, over all keys of the tenant together
 * @param capabilities the plan allows; empty for all
 * @param models the plan allows; empty for all
 */
public record TenantPlan(
    String tenantId,
    Plan plan,
    boolean prepaid,
    String tier,
    KeyLimits limits,
    List<String> capabilities,
    List<String> models) {
  public TenantPlan {
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
  }
}
