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
 * @param standing {@code good}, {@code past_due} (served, reminded) or {@code suspended}: invoices
 *     are unpaid beyond their grace and no job is served
 */
public record TenantPlan(
    String tenantId,
    Plan plan,
    boolean prepaid,
    String tier,
    KeyLimits limits,
    List<String> capabilities,
    List<String> models,
    String standing) {
  public static final String GOOD = "good";
  public static final String PAST_DUE = "past_due";
  public static final String SUSPENDED = "suspended";

  public TenantPlan {
    standing = standing == null ? GOOD : standing;
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
  }
}
