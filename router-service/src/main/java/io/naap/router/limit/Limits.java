package io.naap.router.limit;

import io.naap.contracts.keys.KeyLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * All limits that a job must fit in. Where two limit the same amount, both are checked.
 *
 * @param key counted per key
 * @param tenant counted over all keys of the tenant
 * @param plan counted over all keys of the tenant
 * @param concurrentHere the most jobs at once through this router of a key that has no limit of its
 *     own on jobs at once; 0 for any number
 */
public record Limits(KeyLimits key, KeyLimits tenant, KeyLimits plan, long concurrentHere) {
  /** A key's own limits and nothing else. */
  public static Limits ofKey(KeyLimits key) {
    return new Limits(key, KeyLimits.NONE, KeyLimits.NONE, 0);
  }

  List<Policy> policies() {
    List<Policy> policies = new ArrayList<>(Policy.of(Policy.Owner.KEY, key));
    if (concurrentHere > 0 && key.concurrentRequests().isEmpty()) {
      policies.add(new Policy(Policy.Owner.KEY, Policy.Kind.CONCURRENT, "", concurrentHere, true));
    }
    policies.addAll(Policy.of(Policy.Owner.TENANT, tenant));
    policies.addAll(Policy.of(Policy.Owner.PLAN, plan));
    return List.copyOf(policies);
  }
}
