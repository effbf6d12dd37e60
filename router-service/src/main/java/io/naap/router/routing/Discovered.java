package io.naap.router.routing;

import java.util.Map;
import java.util.Optional;

/** What a gateway last said its orchestrators can do. */
public final class Discovered {
  private volatile Optional<Map<String, Map<String, Integer>>> offers = Optional.empty();

  /** How many orchestrators serve a model, by capability and model; empty while it is not known. */
  public Optional<Map<String, Map<String, Integer>>> offers() {
    return offers;
  }

  /** How many orchestrators serve it; absent while that is not known. */
  public Optional<Integer> orchestrators(String capability, String model) {
    return offers.map(known -> known.getOrDefault(capability, Map.of()).getOrDefault(model, 0));
  }

  void learn(Map<String, Map<String, Integer>> offered) {
    offers = Optional.of(Map.copyOf(offered));
  }

  /** It has not answered for too long: what it said does not count any more. */
  void forget() {
    offers = Optional.empty();
  }
}
