package io.naap.clearinghouse.payment;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Money for a budget.
 *
 * @param sponsorTenantId whose credit it comes from; left out for the operator's own
 * @param reason for the books, 1 to 200 characters
 */
public record SponsorRequest(NanoUsd amount, String reason, String sponsorTenantId) {
  private static final NanoUsd MAX = NanoUsd.ofDollars(1_000_000);
  private static final int MAX_REASON = 200;

  public SponsorRequest {
    if (amount == null || !amount.isPositive() || amount.compareTo(MAX) > 0) {
      throw new InvalidInput("amount must be above 0 and at most 1000000 USD");
    }
    if (reason == null || reason.isBlank() || reason.length() > MAX_REASON) {
      throw new InvalidInput("reason must have 1 to 200 characters");
    }
    if (sponsorTenantId != null && !IdKind.TENANT.matches(sponsorTenantId)) {
      throw new InvalidInput("sponsor_tenant_id must be a tenant's id, ten_...");
    }
  }
}
