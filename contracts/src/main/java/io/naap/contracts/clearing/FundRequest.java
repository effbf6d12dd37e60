package io.naap.contracts.clearing;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Body of {@code POST /internal/funds}: asks the ledger to set a tenant's money aside for
 * admission.
 *
 * <p>All amounts are absolute totals, so a request whose response was lost can be sent again: it
 * returns the same total. When {@code seen} is below the total already set aside, the ledger
 * returns that total and moves no money.
 *
 * @param tenantId {@code ten_...}
 * @param epoch names one life of admission's Redis; a new epoch closes the tenant's older funding
 * @param seen the total that the caller knows of in this epoch; zero at first
 * @param wanted how much more to set aside; the ledger may grant less, or nothing
 */
public record FundRequest(String tenantId, String epoch, NanoUsd seen, NanoUsd wanted) {
  public FundRequest {
    if (seen.isNegative() || wanted.isNegative()) {
      throw new InvalidInput("seen and wanted must not be negative");
    }
  }
}
