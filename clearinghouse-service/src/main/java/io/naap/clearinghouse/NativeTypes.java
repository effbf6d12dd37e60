package io.naap.clearinghouse;

import io.naap.clearinghouse.balance.Balance;
import io.naap.clearinghouse.idempotency.Idempotency;
import io.naap.clearinghouse.payment.CreditRequest;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.reconciliation.ReconciliationReport;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every record of this service that crosses JSON, for native executables. */
@RegisterForReflection(
    targets = {
      Balance.class,
      CreditRequest.class,
      Idempotency.Answer.class,
      Payment.class,
      ReconciliationReport.class,
      ReconciliationReport.Figures.class,
      ReconciliationReport.Row.class,
      ReconciliationReport.Unattributed.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
