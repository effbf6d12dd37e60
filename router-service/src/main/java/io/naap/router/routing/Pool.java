package io.naap.router.routing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gateways that are started alike and can stand in for each other.
 *
 * @param capabilities models by capability, the first is the default; {@code "*"} allows any
 * @param region where its gateways are; empty when that does not matter
 * @param orchestrators addresses that its gateways get at {@code -orchWebhookUrl}, {@code
 *     https://host:port}; empty for gateways that are started with their own
 * @param ceilings the most that its gateways pay
 * @param imagesPerJob the most images that a gateway is asked for in one job; more become several
 *     jobs
 */
public record Pool(
    String name,
    String tier,
    String region,
    Map<String, List<String>> capabilities,
    List<Gateway> gateways,
    List<String> orchestrators,
    PriceCeilings ceilings,
    int imagesPerJob) {
  /** A gateway without an object store keeps so many files of a job. */
  static final int USUAL_IMAGES = 12;

  public Pool {
    // Copied in order: the order is what clients see in the list of models.
    Map<String, List<String>> copy = new LinkedHashMap<>();
    capabilities.forEach((capability, models) -> copy.put(capability, List.copyOf(models)));
    capabilities = java.util.Collections.unmodifiableMap(copy);
    gateways = List.copyOf(gateways);
    orchestrators = List.copyOf(orchestrators);
  }

  public boolean serves(String capability, String model) {
    List<String> models = capabilities.getOrDefault(capability, List.of());
    return models.contains(model) || models.contains("*");
  }
}
