package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;

/**
 * The part of a job's price that a sponsor pays instead of the tenant.
 *
 * @param budgetId of the sponsor's budget, {@code bdg_...}
 * @param amount never negative; in addition to the tenant's own part
 */
public record Sponsored(String budgetId, NanoUsd amount) {
  public Sponsored {
    if (amount.isNegative()) {
      throw new IllegalArgumentException("a sponsored amount is never negative");
    }
  }
}
