package io.naap.metering.plan;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Terms;
import java.util.List;
import java.util.Optional;

/**
 * What differs for one tenant from the plan it would have. Charges take the place of those of the
 * base that have the same filter and count the same; what is absent stays as it is in the base.
 *
 * @param tiers pool tiers that keys of the tenant may name beside those of the base, at most 20
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
