package io.naap.deploy.simulator;

import java.util.HashMap;
import java.util.Map;

/**
 * How many jobs of a model run at once. A real gateway closes the connection of a job for which no
 * orchestrator is free, and answers {@code /healthz} all the while.
 */
final class Capacity {
  private final Map<String, Integer> limits = new HashMap<>();
  private final Map<String, Integer> taken = new HashMap<>();

  /** Limits a model; a model without a limit runs any number of jobs. */
  void set(String model, int most) {
    limits.put(model, most);
  }

  /** True when the job may run; then {@link #leave} follows. */
  boolean enter(String model) {
    int now = taken.getOrDefault(model, 0);
    if (limits.containsKey(model) && now >= limits.get(model)) {
      return false;
    }
    taken.put(model, now + 1);
    return true;
  }

  void leave(String model) {
    taken.computeIfPresent(model, (name, now) -> now > 1 ? now - 1 : null);
  }
}
