package io.naap.keys;

import io.naap.keys.tier.PlanTiers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plans that a test sets. For tenants that were taken away, metering-service counts as unreachable.
 */
@ApplicationScoped
public class FixedPlanTiers implements PlanTiers {
  private final Set<String> away = ConcurrentHashMap.newKeySet();

  /** Makes metering-service unreachable for this tenant from now on. */
  public void takeAway(String tenantId) {
    away.add(tenantId);
  }

  @Override
  public Uni<List<String>> of(String tenantId, String authorization) {
    return away.contains(tenantId)
        ? Uni.createFrom().failure(new IllegalStateException("metering is not there"))
        : Uni.createFrom().item(List.of("standard", "fast", "fast lane"));
  }
}
