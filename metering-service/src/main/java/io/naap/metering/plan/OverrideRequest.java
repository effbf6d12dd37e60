package io.naap.metering.plan;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Terms;
import java.util.List;
import java.util.Optional;

/**
 * The changes that make a tenant's private plan from a base plan. A charge replaces those of the
 * base that have the same filter and count the same unit or, if they count none, are of the same
 * kind. An absent field keeps the base's value.
 *
 * @param tiers pool tiers that keys of the tenant may name in addition to the base's, at most 20
 */
public record OverrideRequest(
    List<Charge> charges,
    Optional<Terms> terms,
    Optional<KeyLimits> limits,
    Optional<Boolean> prepaid,
    Optional<String> tier,
    List<String> tiers) {
  public OverrideRequest {
    charges = charges == null ? List.of() : List.copyOf(charges);
    terms = terms == null ? Optional.empty() : terms;
    limits = limits == null ? Optional.empty() : limits;
    prepaid = prepaid == null ? Optional.empty() : prepaid;
    tier = tier == null ? Optional.empty() : tier;
    tiers = Tiers.check(tier, tiers);
  }
}
