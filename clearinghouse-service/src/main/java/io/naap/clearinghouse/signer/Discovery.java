package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The orchestrators a caller is told of: those of its tier. The answer is go-livepeer's: gateways
 * read {@code address} and {@code score}, SDKs ask for {@code caps}, as {@code pipeline/model}.
 */
final class Discovery {
  private final Map<String, SignerConfig.TierConfig> tiers;

  Discovery(SignerConfig config) {
    this.tiers = config.tiers();
  }

  /** Empty when the tier has none that serves one of the capabilities. */
  ArrayNode orchestrators(String tier, List<String> capabilities) {
    ArrayNode found = JsonNodeFactory.instance.arrayNode();
    SignerConfig.TierConfig pool = tiers.get(tier);
    if (pool == null) {
      return found;
    }
    List<String> wanted = capabilities.stream().filter(cap -> !cap.isEmpty()).toList();
    for (SignerConfig.OrchestratorConfig one : new TreeMap<>(pool.orchestrators()).values()) {
      Set<String> served = one.capabilities().orElse(Set.of());
      if (wanted.isEmpty() || served.isEmpty() || wanted.stream().anyMatch(served::contains)) {
        ObjectNode json =
            found.addObject().put("address", one.url().toString()).put("score", one.score());
        ArrayNode caps = json.putArray("capabilities");
        served.stream().sorted().forEach(caps::add);
        json.putArray("runners");
      }
    }
    return found;
  }
}
