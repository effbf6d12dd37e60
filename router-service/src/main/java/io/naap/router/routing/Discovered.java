package io.naap.router.routing;

import java.util.Map;
import java.util.Optional;

/** What a gateway last said that its orchestrators can do. */
public final class Discovered {
  private volatile Optional<Map<String, Map<String, Integer>>> offers = Optional.empty();

  /** How many orchestrators serve each model, by capability and model; empty while unknown. */
  public Optional<Map<String, Map<String, Integer>>> offers() {
    return offers;
  }

  /** How many orchestrators serve a model; absent while unknown. */
  public Optional<Integer> orchestrators(String capability, String model) {
    return offers.map(known -> known.getOrDefault(capability, Map.of()).getOrDefault(model, 0));
  }

  void learn(Map<String, Map<String, Integer>> offered) {
    offers = Optional.of(Map.copyOf(offered));
  }

  /** Forgets an answer that is too old. */
  void forget() {
    offers = Optional.empty();
  }
}
