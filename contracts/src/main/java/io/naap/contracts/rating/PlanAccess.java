package io.naap.contracts.rating;

import io.naap.contracts.keys.KeyLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What tenants on a plan may use, and when they pay.
 *
 * @param prepaid true when a job runs only if its money is set aside beforehand
 * @param tier the pool tier of keys that name none
 * @param tiers the pool tiers that keys may name; always contains {@code tier}
 * @param limits limits over all keys of the tenant together
 * @param capabilities that the plan allows; empty for all
 * @param models that the plan allows; empty for all
 */
public record PlanAccess(
    boolean prepaid,
    String tier,
    List<String> tiers,
    KeyLimits limits,
    List<String> capabilities,
    List<String> models) {
  public PlanAccess {
    tiers = withDefault(tier, tiers);
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
  }

  /** Adds a plan's own tier to its listed tiers. */
  private static List<String> withDefault(String tier, List<String> listed) {
    List<String> all = new ArrayList<>(List.of(tier));
    if (listed != null) {
      listed.stream().filter(one -> !all.contains(one)).forEach(all::add);
    }
    return List.copyOf(all);
  }

  /**
   * The tier of a job: the tier of its key if the plan still allows it, else the plan's own.
   *
   * @param key the tier that the key names
   */
  public String tierOf(Optional<String> key) {
    return key.filter(tiers::contains).orElse(tier);
  }
}
