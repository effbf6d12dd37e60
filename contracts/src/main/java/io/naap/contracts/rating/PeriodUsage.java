package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.money.NanoUsd;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a tenant has used in a period before a job. Rating takes it and returns the usage after the
 * job.
 *
 * @param meters units used so far, by meter: {@code "3"} for the charge at index 3, {@code "2.0"}
 *     for the first included units of the subscription at index 2
 * @param charged amounts charged so far by volume charges, by meter and before terms; needed for
 *     their true-up
 * @param spent what the tenant has been charged for jobs so far
 * @param trialLeft what is left of the trial; absent without a trial or after its days
 * @param budgets what is left of each sponsor's budget; an absent budget has nothing left
 * @param share the part of the period that the plan holds for; included units and the ceiling are
 *     reduced to it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PeriodUsage(
    Map<String, Long> meters,
    Map<String, NanoUsd> charged,
    NanoUsd spent,
    Optional<NanoUsd> trialLeft,
    Map<String, NanoUsd> budgets,
    Proration share) {
  /** The start of a period, without trial and sponsors. */
  public static final PeriodUsage START =
      new PeriodUsage(null, null, null, Optional.empty(), null, null);

  public PeriodUsage {
    meters = sorted(meters);
    charged = sorted(charged);
    budgets = sorted(budgets);
    spent = spent == null ? NanoUsd.ZERO : spent;
    trialLeft = trialLeft == null ? Optional.empty() : trialLeft;
    share = share == null ? Proration.ALL : share;
  }

  private static <T> Map<String, T> sorted(Map<String, T> given) {
    return given == null || given.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new TreeMap<>(given));
  }

  long meter(String meter) {
    return meters.getOrDefault(meter, 0L);
  }

  public PeriodUsage withTrialLeft(Optional<NanoUsd> left) {
    return new PeriodUsage(meters, charged, spent, left, budgets, share);
  }

  public PeriodUsage withBudgets(Map<String, NanoUsd> left) {
    return new PeriodUsage(meters, charged, spent, trialLeft, sorted(left), share);
  }

  public PeriodUsage withShare(Proration other) {
    return new PeriodUsage(meters, charged, spent, trialLeft, budgets, other);
  }

  /**
   * This usage minus what one job added, for a job that is refunded.
   *
   * @param before the usage before that job
   * @param after the usage after that job
   */
  public PeriodUsage without(PeriodUsage before, PeriodUsage after) {
    Map<String, Long> fewer = new TreeMap<>(meters);
    after.meters.forEach(
        (meter, units) ->
            fewer.merge(
                meter, before.meter(meter) - units, (now, moved) -> Math.max(0, now + moved)));
    Map<String, NanoUsd> less = new TreeMap<>(charged);
    after.charged.forEach(
        (meter, amount) ->
            less.merge(
                meter,
                before.charged.getOrDefault(meter, NanoUsd.ZERO).minus(amount),
                NanoUsd::plus));
    return new PeriodUsage(
        fewer, less, spent.minus(after.spent.minus(before.spent)), trialLeft, budgets, share);
  }
}
