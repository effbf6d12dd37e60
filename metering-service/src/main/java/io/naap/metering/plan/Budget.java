package io.naap.metering.plan;

import io.naap.contracts.money.NanoUsd;

/**
 * Money a sponsor gave for others' jobs.
 *
 * @param id {@code bdg_...}, named by grant charges
 * @param spent so far
 */
public record Budget(String id, String sponsor, NanoUsd total, NanoUsd spent) {

  /** A new budget, or its new total. */
  public record Request(String sponsor, NanoUsd total) {}
}
