package io.naap.contracts.clearing;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Asks {@code POST /internal/funds} to set money of a tenant aside for admission.
 *
 * <p>All amounts are absolute, so that a lost answer is harmless: the same question gives the same
 * total. When {@code seen} is below the total already set aside, that total is the answer and no
 * money moves.
 *
 * @param tenantId {@code ten_...}
 * @param epoch names one life of the admission store; a new one closes the tenant's older funding
 * @param seen the total the asker knows of in this epoch, zero at first
 * @param wanted how much more to set aside; less may be granted, down to nothing
 */
public record FundRequest(String tenantId, String epoch, NanoUsd seen, NanoUsd wanted) {
  public FundRequest {
    if (seen.isNegative() || wanted.isNegative()) {
      throw new InvalidInput("seen and wanted must not be negative");
    }
  }
}
