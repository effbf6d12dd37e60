package io.naap.clearinghouse.transfer;

import io.naap.clearinghouse.payment.CreditRequest;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Credit to be moved.
 *
 * @param fromTenantId whose credit it is; absent for the caller's own tenant
 * @param amount above zero, at most a million dollars
 * @param reason for the books, 1 to 200 characters
 */
public record TransferRequest(
    String fromTenantId, String toTenantId, NanoUsd amount, String reason) {
  public TransferRequest {
    // The same rules as for credit, for both ends.
    CreditRequest to = new CreditRequest(toTenantId, amount, reason);
    if (fromTenantId != null
        && (!IdKind.TENANT.matches(fromTenantId) || fromTenantId.equals(to.tenantId()))) {
      throw new InvalidInput("from_tenant_id must be another tenant's id, ten_...");
    }
  }
}
