package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PlanAccess;
import io.naap.contracts.rating.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request for a new plan or a new version of one.
 *
 * @param charges the plan's own charges; those of the price book are added after them
 * @param priceBook the price book whose charges are added, now and at each new version of the book
 * @param effectiveFrom when the version begins to apply, now when absent; never in the past, which
 *     is billed already
 */
@JsonDeserialize(builder = PlanRequest.Flat.class)
public record PlanRequest(
    String name,
    @JsonUnwrapped Access access,
    List<Charge> charges,
    Optional<Terms> terms,
    Optional<String> priceBook,
    Optional<Instant> effectiveFrom) {
  public PlanRequest {
    charges = charges == null ? List.of() : List.copyOf(charges);
  }

  /**
   * What tenants may use, and when they pay.
   *
   * @param prepaid true when absent
   * @param tier {@code standard} when absent
   * @param tiers further pool tiers that keys may name, at most 20
   */
  public record Access(
      Optional<Boolean> prepaid,
      Optional<String> tier,
      List<String> tiers,
      Optional<KeyLimits> limits,
      List<String> capabilities,
      List<String> models) {
    public Access {
      tiers = Tiers.check(tier, tiers);
      capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
      models = models == null ? List.of() : List.copyOf(models);
    }

    static Access of(PlanAccess plan) {
      return new Access(
          Optional.of(plan.prepaid()),
          Optional.of(plan.tier()),
          plan.tiers(),
          Optional.of(plan.limits()),
          plan.capabilities(),
          plan.models());
    }

    PlanAccess access() {
      return new PlanAccess(
          prepaid.orElse(true),
          tier.orElse("standard"),
          tiers,
          limits.orElse(KeyLimits.NONE),
          capabilities,
          models);
    }
  }

  /** The fields as they are in JSON. Unwrapped parts would let unknown fields pass. */
  public static final class Flat {
    /** 1 to 100 characters. */
    public String name;

    public Optional<Boolean> prepaid = Optional.empty();

    public Optional<String> tier = Optional.empty();

    public List<String> tiers;
    public List<Charge> charges;
    public Optional<Terms> terms = Optional.empty();
    public Optional<KeyLimits> limits = Optional.empty();
    public List<String> capabilities;
    public List<String> models;
    public Optional<String> priceBook = Optional.empty();
    public Optional<Instant> effectiveFrom = Optional.empty();

    public PlanRequest build() {
      return new PlanRequest(
          name,
          new Access(prepaid, tier, tiers, limits, capabilities, models),
          charges,
          terms,
          priceBook,
          effectiveFrom);
    }
  }
}
