package io.naap.metering.plan;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request for a new plan or a new version of one.
 *
 * @param name 1 to 100 characters
 * @param prepaid whether jobs need money set aside beforehand; true when absent
 * @param tier the pool tier of keys that do not name one; {@code standard} when absent
 * @param tiers further pool tiers that keys may name, at most 20
 * @param charges the plan's own charges; those of the price book are added after them
 * @param priceBook the price book whose charges are added, now and at each new version of the book
 * @param effectiveFrom when the version begins to apply, now when absent; never in the past, which
 *     is billed already
 */
public record PlanRequest(
    String name,
    Optional<Boolean> prepaid,
    Optional<String> tier,
    List<String> tiers,
    List<Charge> charges,
    Optional<Terms> terms,
    Optional<KeyLimits> limits,
    List<String> capabilities,
    List<String> models,
    Optional<String> priceBook,
    Optional<Instant> effectiveFrom) {
  public PlanRequest {
    prepaid = prepaid == null ? Optional.empty() : prepaid;
    tier = tier == null ? Optional.empty() : tier;
    tiers = Tiers.check(tier, tiers);
    charges = charges == null ? List.of() : List.copyOf(charges);
    terms = terms == null ? Optional.empty() : terms;
    limits = limits == null ? Optional.empty() : limits;
    capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
    models = models == null ? List.of() : List.copyOf(models);
    priceBook = priceBook == null ? Optional.empty() : priceBook;
    effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
  }
}
