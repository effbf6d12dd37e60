package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.Optional;

/**
 * The plan of a tenant: its current version, whether the tenant pays in advance, and what it may
 * use. In JSON the fields of all parts form one flat object.
 *
 * @param position the tenant's usage of the period at the time of this response; absent for plans
 *     whose prices do not depend on it
 */
public record TenantPlan(
    String tenantId,
    Plan plan,
    @JsonUnwrapped PlanAccess access,
    Standing standing,
    Optional<PeriodUsage> position) {
  public TenantPlan {
    standing = standing == null ? Standing.GOOD : standing;
    position = position == null ? Optional.empty() : position;
  }

  public boolean prepaid() {
    return access.prepaid();
  }

  public KeyLimits limits() {
    return access.limits();
  }

  /**
   * The amount to hold for a job with these units: its price after the known usage of the period,
   * or else the most it can cost.
   *
   * @return empty when the plan has no price for the job
   */
  public Optional<NanoUsd> most(String capability, String model, Units units) {
    return position.isPresent()
        ? Rating.most(plan, capability, model, units, position.get())
        : Rating.most(plan, capability, model, units);
  }
}
