package io.naap.clearinghouse.signer.orchestrators;

import io.naap.clearinghouse.signer.protocol.Capabilities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The highest price a unit may cost, as go-livepeer counts it (server/broadcast.go): the sum over
 * the models asked for of each one's own ceiling, or of its capability's {@code default}; where
 * none of them has one, the ceiling for everything.
 *
 * @param perCapability in wei a unit, by {@code capability/model} or {@code capability/default}
 * @param overall in wei a unit; absent for no ceiling
 */
public record PriceCeilings(Map<String, BigDecimal> perCapability, Optional<BigDecimal> overall) {
  public PriceCeilings {
    perCapability = Map.copyOf(perCapability);
  }

  /** The ceiling for a job that needs these models; absent for none. */
  public Optional<BigDecimal> of(List<Capabilities.Model> models) {
    List<BigDecimal> each =
        models.stream().distinct().flatMap(model -> own(model).stream()).toList();
    return each.isEmpty() ? overall : each.stream().reduce(BigDecimal::add);
  }

  private Optional<BigDecimal> own(Capabilities.Model model) {
    return Optional.ofNullable(perCapability.get(model.capability() + "/" + model.id()))
        .or(() -> Optional.ofNullable(perCapability.get(model.capability() + "/default")));
  }
}
