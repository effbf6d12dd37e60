package io.naap.metering.plan;

import io.naap.contracts.money.NanoUsd;

/**
 * A sponsor's budget, which pays for jobs of tenants.
 *
 * @param id {@code bdg_...}, which grant charges of plans refer to
 * @param spent the amount spent so far
 */
public record Budget(String id, String sponsor, NanoUsd total, NanoUsd spent) {

  /** A request for a new budget. */
  public record Request(String sponsor, NanoUsd total) {}
}
