package io.naap.clearinghouse.payment;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;

/**
 * Credit to be moved.
 *
 * @param amount above zero, at most a million dollars
 * @param reason for the books, 1 to 200 characters
 */
public record TransferRequest(
    String fromTenantId, String toTenantId, NanoUsd amount, String reason) {
  public TransferRequest {
    // The same rules as for credit, for both ends.
    CreditRequest to = new CreditRequest(toTenantId, amount, reason);
    if (!IdKind.TENANT.matches(fromTenantId) || fromTenantId.equals(to.tenantId())) {
      throw new IllegalArgumentException("from_tenant_id must be another tenant's id, ten_...");
    }
  }
}
