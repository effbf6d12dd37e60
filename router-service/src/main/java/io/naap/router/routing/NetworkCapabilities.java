package io.naap.router.routing;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A gateway's answer to {@code GET /getNetworkCapabilities} at its {@code -cliAddr}: {@code
 * {"capabilities_names":{"27":"Text to image"},"orchestrators":[{"hardware":[{"pipeline",
 * "model_id"}],"capabilities_prices":[{"capability":27,"constraint":"a/model",
 * "pricePerUnit":47683715,"pixelsPerUnit":10}],"capabilities":{"constraints":{"PerCapability":{"27":{"models":{"a/model":{}}}}}}}]}}.
 * An orchestrator names a model in any of these three places.
 */
final class NetworkCapabilities {
  private static final int MOST_MODELS = 1_000;

  private NetworkCapabilities() {}

  /**
   * How many orchestrators serve each model at a price that the pool pays, by capability and model.
   */
  static Map<String, Map<String, Integer>> offers(JsonNode answer, PriceCeilings ceilings) {
    if (!answer.isObject()) {
      throw new IllegalArgumentException("not an answer about capabilities");
    }
    Map<String, String> names = new HashMap<>();
    for (Map.Entry<String, JsonNode> name : answer.path("capabilities_names").properties()) {
      names.put(name.getKey(), pipeline(name.getValue().asText()));
    }
    Map<String, Map<String, Integer>> offers = new HashMap<>();
    for (JsonNode orchestrator : answer.path("orchestrators")) {
      for (Offer offer : of(orchestrator, names, ceilings)) {
        Map<String, Integer> models =
            offers.computeIfAbsent(offer.capability, fresh -> new HashMap<>());
        if (models.size() < MOST_MODELS) {
          models.merge(offer.model, 1, Integer::sum);
        }
      }
    }
    offers.replaceAll((capability, models) -> Map.copyOf(models));
    return offers;
  }

  private record Offer(String capability, String model) {}

  private static Set<Offer> of(
      JsonNode orchestrator, Map<String, String> names, PriceCeilings ceilings) {
    Set<Offer> offers = new LinkedHashSet<>();
    Set<Offer> tooDear = new LinkedHashSet<>();
    for (JsonNode hardware : orchestrator.path("hardware")) {
      add(offers, pipeline(hardware.path("pipeline").asText("")), hardware.path("model_id"));
    }
    for (JsonNode price : orchestrator.path("capabilities_prices")) {
      String capability = names.get(price.path("capability").asText(""));
      String model = price.path("constraint").asText("");
      add(offers, capability, model);
      if (capability != null && ceilings.isTooHigh(capability, model, asked(price))) {
        tooDear.add(new Offer(capability, model));
      }
    }
    JsonNode constraints = orchestrator.path("capabilities").path("constraints");
    for (Map.Entry<String, JsonNode> one : constraints.path("PerCapability").properties()) {
      for (Map.Entry<String, JsonNode> model : one.getValue().path("models").properties()) {
        add(offers, names.get(one.getKey()), model.getKey());
      }
    }
    offers.removeAll(tooDear);
    return offers;
  }

  /** A price without units does not count; gateways ignore it, too. */
  private static PriceCeilings.Price asked(JsonNode price) {
    JsonNode units = price.path("pixelsPerUnit");
    return new PriceCeilings.Price(
        price.path("pricePerUnit").bigIntegerValue(),
        units.isIntegralNumber() && units.bigIntegerValue().signum() > 0
            ? units.bigIntegerValue()
            : BigInteger.ONE);
  }

  private static void add(Set<Offer> offers, String capability, JsonNode model) {
    add(offers, capability, model.asText(""));
  }

  private static void add(Set<Offer> offers, String capability, String model) {
    if (capability != null && !capability.isEmpty() && !model.isEmpty() && model.length() <= 200) {
      offers.add(new Offer(capability, model));
    }
  }

  /** "Text to image" is {@code text-to-image}. */
  private static String pipeline(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '-');
  }
}
