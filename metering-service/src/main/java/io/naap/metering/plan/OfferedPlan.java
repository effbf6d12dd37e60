package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.TenantPlan;
import io.naap.contracts.rating.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version of a plan: its prices, limits and what tenants on it may use.
 *
 * @param prepaid true when a job runs only if its money is set aside beforehand
 * @param tier the pool tier of keys that do not name one
 * @param tiers all pool tiers that keys may name
 * @param charges all charges, those of its price book included
 * @param limits limits over all keys of a tenant together
 * @param capabilities the capabilities that tenants may use; empty for all
 * @param models the models that tenants may use; empty for all
 * @param priceBook the price book version its charges were taken from, {@code pbk_...@2}
 * @param tenantId the only tenant of a private plan; absent for a plan offered to all
 * @param baseId the plan that a private plan was made from
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record OfferedPlan(
    String id,
    int version,
    String name,
    boolean prepaid,
    String tier,
    List<String> tiers,
    List<Charge> charges,
    Terms terms,
    KeyLimits limits,
    List<String> capabilities,
    List<String> models,
    Optional<String> priceBook,
    Optional<String> tenantId,
    Optional<String> baseId,
    Instant effectiveFrom) {
  public OfferedPlan {
    tiers = TenantPlan.withDefault(tier, tiers);
    charges = List.copyOf(charges);
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
  }

  Plan plan() {
    return new Plan(id, version, name, charges, terms);
  }
}
