package io.naap.router.admission;

import io.naap.contracts.keys.KeyLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * All limits a job must fit in; where two limit the same, both are checked, so the smallest counts.
 *
 * @param key counted per key
 * @param tenant counted over all keys of the tenant
 * @param plan counted over all keys of the tenant
 */
public record Limits(KeyLimits key, KeyLimits tenant, KeyLimits plan) {
  /** A key's own limits and nothing else. */
  public static Limits ofKey(KeyLimits key) {
    return new Limits(key, KeyLimits.NONE, KeyLimits.NONE);
  }

  List<Policy> policies(boolean starts) {
    List<Policy> policies = new ArrayList<>(Policy.of(Policy.Owner.KEY, key, starts));
    policies.addAll(Policy.of(Policy.Owner.TENANT, tenant, starts));
    policies.addAll(Policy.of(Policy.Owner.PLAN, plan, starts));
    return List.copyOf(policies);
  }
}
