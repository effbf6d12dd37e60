package io.naap.metering.webhook;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts the deliveries that are being sent, and limits them in total, per tenant and per target,
 * so that receivers that never answer delay only messages to themselves. Thread-safe.
 */
final class InFlight {
  private final int most;
  private final int mostPerTenant;
  private final int mostPerTarget;
  private final Map<String, Integer> byTenant = new HashMap<>();
  private final Map<String, Integer> byTarget = new HashMap<>();
  private int all;

  InFlight(int most, int mostPerTenant, int mostPerTarget) {
    this.most = most;
    this.mostPerTenant = mostPerTenant;
    this.mostPerTarget = mostPerTarget;
  }

  /** Counts one more delivery; returns false, and counts nothing, when a limit is reached. */
  synchronized boolean enter(String tenant, String target) {
    if (all >= most
        || byTenant.getOrDefault(tenant, 0) >= mostPerTenant
        || byTarget.getOrDefault(target, 0) >= mostPerTarget) {
      return false;
    }
    all++;
    byTenant.merge(tenant, 1, Integer::sum);
    byTarget.merge(target, 1, Integer::sum);
    return true;
  }

  synchronized void leave(String tenant, String target) {
    all--;
    byTenant.computeIfPresent(tenant, (id, count) -> count > 1 ? count - 1 : null);
    byTarget.computeIfPresent(target, (id, count) -> count > 1 ? count - 1 : null);
    notifyAll();
  }

  /** The tenants that have reached their limit. */
  synchronized Set<String> fullTenants() {
    Set<String> full = new HashSet<>();
    byTenant.forEach(
        (tenant, count) -> {
          if (count >= mostPerTenant) {
            full.add(tenant);
          }
        });
    return full;
  }

  synchronized void awaitNone() throws InterruptedException {
    while (all > 0) {
      wait();
    }
  }
}
