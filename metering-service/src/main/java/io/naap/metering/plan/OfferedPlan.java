package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.PlanAccess;
import io.naap.contracts.rating.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version of a plan: its prices, limits and what tenants on it may use. In JSON the fields of all
 * parts form one flat object.
 *
 * @param charges all charges, those of its price book included
 */
public record OfferedPlan(
    String id,
    int version,
    String name,
    @JsonUnwrapped PlanAccess access,
    List<Charge> charges,
    Terms terms,
    @JsonUnwrapped Origin origin,
    Instant effectiveFrom) {
  public OfferedPlan {
    charges = List.copyOf(charges);
  }

  /**
   * What the version was made from, and for whom.
   *
   * @param priceBook the price book version its charges were taken from, {@code pbk_...@2}
   * @param tenantId the only tenant of a private plan; absent for a plan offered to all
   * @param baseId the plan that a private plan was made from
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Origin(
      Optional<String> priceBook, Optional<String> tenantId, Optional<String> baseId) {}

  Optional<String> tenantId() {
    return origin.tenantId;
  }

  Plan plan() {
    return new Plan(id, version, name, charges, terms);
  }
}
