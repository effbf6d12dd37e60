package io.naap.clearinghouse.signer.orchestrators;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.protocol.Capabilities;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The orchestrators of a caller's tier, without those whose known price is above the caller's
 * ceiling: a payment to them would be refused with 481. The JSON is go-livepeer's: gateways read
 * {@code address} and {@code score}; SDKs ask for {@code caps}, as {@code pipeline/model}.
 */
public final class Discovery {
  private final Map<String, SignerConfig.TierConfig> tiers;
  private final PriceCeilings everybody;
  private final SeenPrices seen;

  public Discovery(SignerConfig config, SeenPrices seen) {
    this.tiers = config.tiers();
    this.everybody = new PriceCeilings(config.maxPricePerCapability(), config.maxPricePerUnit());
    this.seen = seen;
  }

  /**
   * Empty when no orchestrator of the tier serves one of the capabilities at a price below its
   * ceiling.
   */
  public ArrayNode orchestrators(SignerCaller caller, List<String> capabilities, Instant now) {
    ArrayNode found = JsonNodeFactory.instance.arrayNode();
    SignerConfig.TierConfig tier = tiers.get(caller.tier());
    if (tier == null) {
      return found;
    }
    List<String> wanted = capabilities.stream().filter(cap -> !cap.isEmpty()).toList();
    for (SignerConfig.OrchestratorConfig one : new TreeMap<>(tier.orchestrators()).values()) {
      Set<String> served = one.capabilities().orElse(Set.of());
      // An orchestrator without a list of capabilities serves all that are asked for. When none is
      // asked for, its general price decides.
      List<String> asked =
          served.isEmpty()
              ? wanted
              : served.stream()
                  .filter(cap -> wanted.isEmpty() || wanted.contains(cap))
                  .sorted()
                  .toList();
      List<String> paid =
          asked.stream()
              .filter(cap -> isPaid(caller, tier, one, Optional.of(model(cap)), now))
              .toList();
      boolean listed =
          asked.isEmpty()
              ? served.isEmpty() && isPaid(caller, tier, one, Optional.empty(), now)
              : !paid.isEmpty();
      if (listed) {
        ObjectNode json =
            found.addObject().put("address", one.url().toString()).put("score", one.score());
        ArrayNode caps = json.putArray("capabilities");
        served.stream()
            .filter(cap -> !asked.contains(cap) || paid.contains(cap))
            .sorted()
            .forEach(caps::add);
        json.putArray("runners");
      }
    }
    return found;
  }

  private boolean isPaid(
      SignerCaller caller,
      SignerConfig.TierConfig tier,
      SignerConfig.OrchestratorConfig orchestrator,
      Optional<Capabilities.Model> model,
      Instant now) {
    Optional<Fraction> price =
        seen.price(caller.name(), orchestrator.url().toString(), model, now)
            .or(() -> configured(orchestrator, model));
    List<Capabilities.Model> models = model.stream().toList();
    return price.isEmpty()
        || Stream.of(
                everybody.of(models),
                new PriceCeilings(tier.maxPricePerCapability(), tier.maxPricePerUnit()).of(models))
            .flatMap(Optional::stream)
            .noneMatch(ceiling -> price.get().compareTo(Fraction.of(ceiling)) > 0);
  }

  private static Optional<Fraction> configured(
      SignerConfig.OrchestratorConfig orchestrator, Optional<Capabilities.Model> model) {
    return model
        .map(of -> orchestrator.pricePerCapability().get(of.capability() + "/" + of.id()))
        .or(orchestrator::pricePerUnit)
        .map(Fraction::of);
  }

  private static Capabilities.Model model(String capability) {
    int slash = capability.indexOf('/');
    return slash < 0
        ? new Capabilities.Model(capability, "")
        : new Capabilities.Model(capability.substring(0, slash), capability.substring(slash + 1));
  }
}
