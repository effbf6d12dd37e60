package io.naap.clearinghouse.payment;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Credit to be given.
 *
 * @param amount above zero, at most a million dollars
 * @param reason for the books, 1 to 200 characters
 */
public record CreditRequest(String tenantId, NanoUsd amount, String reason) {
  private static final NanoUsd MAX = NanoUsd.ofDollars(1_000_000);
  private static final int MAX_REASON = 200;

  public CreditRequest {
    if (!IdKind.TENANT.matches(tenantId)) {
      throw new InvalidInput("tenant_id must be a tenant's id, ten_...");
    }
    if (amount == null || !amount.isPositive() || amount.compareTo(MAX) > 0) {
      throw new InvalidInput("amount must be above 0 and at most 1000000 USD");
    }
    if (reason == null || reason.isBlank() || reason.length() > MAX_REASON) {
      throw new InvalidInput("reason must have 1 to 200 characters");
    }
  }
}
