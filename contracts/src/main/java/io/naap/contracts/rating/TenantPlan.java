package io.naap.contracts.rating;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The plan version in force for a tenant, whether it pays in advance, and what the plan allows.
 *
 * @param tier the pool tier of keys that name none
 * @param tiers all pool tiers that keys of the tenant may name; {@code tier} is always one of them
 * @param limits of the plan, over all keys of the tenant together
 * @param capabilities the plan allows; empty for all
 * @param models the plan allows; empty for all
 * @param standing {@code good}, {@code past_due} (served, reminded) or {@code suspended}: invoices
 *     are unpaid beyond their grace and no job is served
 * @param position where the tenant's period was when this was told, for a plan whose prices depend
 *     on it; absent for others
 */
public record TenantPlan(
    String tenantId,
    Plan plan,
    boolean prepaid,
    String tier,
    List<String> tiers,
    KeyLimits limits,
    List<String> capabilities,
    List<String> models,
    String standing,
    Optional<PeriodUsage> position) {
  public static final String GOOD = "good";
  public static final String PAST_DUE = "past_due";
  public static final String SUSPENDED = "suspended";

  public TenantPlan {
    standing = standing == null ? GOOD : standing;
    position = position == null ? Optional.empty() : position;
    tiers = withDefault(tier, tiers);
    capabilities = List.copyOf(capabilities);
    models = List.copyOf(models);
  }

  /** The tiers a plan allows: those listed, and always its own. */
  public static List<String> withDefault(String tier, List<String> listed) {
    List<String> all = new ArrayList<>(List.of(tier));
    if (listed != null) {
      listed.stream().filter(one -> !all.contains(one)).forEach(all::add);
    }
    return List.copyOf(all);
  }

  /** The tier of a job: what its key names, if the plan still allows that, else the plan's own. */
  public String tierOf(Optional<String> key) {
    return key.filter(tiers::contains).orElse(tier);
  }

  public TenantPlan(
      String tenantId,
      Plan plan,
      boolean prepaid,
      String tier,
      KeyLimits limits,
      List<String> capabilities,
      List<String> models,
      String standing) {
    this(
        tenantId,
        plan,
        prepaid,
        tier,
        List.of(tier),
        limits,
        capabilities,
        models,
        standing,
        Optional.empty());
  }

  /**
   * What to hold for a job of these units: at the position when it is known, else the most it may
   * cost anywhere in the period.
   *
   * @return empty when the plan has no price for the job
   */
  public Optional<NanoUsd> most(String capability, String model, Units units) {
    return position.isPresent()
        ? Rating.most(plan, capability, model, units, position.get())
        : Rating.most(plan, capability, model, units);
  }
}
