package io.naap.contracts.rating;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The plan of a tenant: its current version, whether the tenant pays in advance, and what it may
 * use.
 *
 * @param tier the pool tier of keys that name none
 * @param tiers the pool tiers that the tenant's keys may name; always contains {@code tier}
 * @param limits limits over all keys of the tenant together
 * @param capabilities that the plan allows; empty for all
 * @param models that the plan allows; empty for all
 * @param standing {@code good}, {@code past_due} (still served, but reminded) or {@code suspended}
 *     (no job is served, because invoices are unpaid beyond their grace)
 * @param position the tenant's usage of the period at the time of this response; absent for plans
 *     whose prices do not depend on it
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

  /** Adds a plan's own tier to its listed tiers. */
  public static List<String> withDefault(String tier, List<String> listed) {
    List<String> all = new ArrayList<>(List.of(tier));
    if (listed != null) {
      listed.stream().filter(one -> !all.contains(one)).forEach(all::add);
    }
    return List.copyOf(all);
  }

  /**
   * The tier of a job: the tier of its key if the plan still allows it, else the plan's own.
   *
   * @param key the tier that the key names
   */
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
