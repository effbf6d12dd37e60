package io.naap.deploy.simulator;

import java.util.HashMap;
import java.util.Map;

/**
 * How many jobs of a model run at once. A real gateway closes the connection of a job that finds no
 * place, and answers {@code /healthz} all the while.
 */
final class Capacity {
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, Integer> taken = new HashMap<>();

  /** From now on; a model that is not named has any number. */
  void set(String model, int most) {
    places.put(model, most);
  }

  /** True when the job may run; then {@link #leave} follows. */
  boolean enter(String model) {
    int now = taken.getOrDefault(model, 0);
    if (places.containsKey(model) && now >= places.get(model)) {
      return false;
    }
    taken.put(model, now + 1);
    return true;
  }

  void leave(String model) {
    taken.computeIfPresent(model, (name, now) -> now > 1 ? now - 1 : null);
  }
}
