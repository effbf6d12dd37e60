package io.naap.clearinghouse;

import io.naap.clearinghouse.balance.Balance;
import io.naap.clearinghouse.balance.Statement;
import io.naap.clearinghouse.confirmation.SignerGaps;
import io.naap.clearinghouse.ledger.Verifier;
import io.naap.clearinghouse.payment.CreditRequest;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.payment.Reversal;
import io.naap.clearinghouse.payment.ReversalRequest;
import io.naap.clearinghouse.payment.SponsorBudget;
import io.naap.clearinghouse.payment.SponsorRequest;
import io.naap.clearinghouse.reconciliation.ReconciliationReport;
import io.naap.clearinghouse.signer.killswitch.KillSwitches;
import io.naap.clearinghouse.signer.killswitch.StopRequest;
import io.naap.clearinghouse.signer.tokens.SignerTokenRequest;
import io.naap.clearinghouse.signer.tokens.SignerTokenResource;
import io.naap.clearinghouse.signer.tokens.SignerTokens;
import io.naap.clearinghouse.stripe.CheckoutRequest;
import io.naap.clearinghouse.stripe.CheckoutResource;
import io.naap.clearinghouse.stripe.RefundRequest;
import io.naap.clearinghouse.stripe.RefundResource;
import io.naap.clearinghouse.transfer.Transfer;
import io.naap.clearinghouse.transfer.TransferRequest;
import io.naap.clearinghouse.treasury.PauseRequest;
import io.naap.clearinghouse.treasury.TreasuryReport;
import io.naap.clearinghouse.usdc.DepositResource;
import io.naap.contracts.page.Page;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every record of this service that crosses JSON, for native executables. */
@RegisterForReflection(
    targets = {
      Balance.class,
      CheckoutRequest.class,
      CheckoutResource.Checkout.class,
      CheckoutResource.Reserved.class,
      CreditRequest.class,
      DepositResource.DepositAddress.class,
      Idempotency.Answer.class,
      PauseRequest.class,
      Page.class,
      Payment.class,
      ReconciliationReport.Daily.class,
      ReconciliationReport.Money.class,
      ReconciliationReport.Days.class,
      ReconciliationReport.Difference.class,
      ReconciliationReport.Figures.class,
      ReconciliationReport.Row.class,
      ReconciliationReport.Unattributed.class,
      ReconciliationReport.class,
      RefundRequest.class,
      RefundResource.Refund.class,
      Reversal.class,
      ReversalRequest.class,
      SignerGaps.Gap.class,
      SignerTokenRequest.class,
      SignerTokenResource.NewToken.class,
      SignerTokenResource.TokenList.class,
      SignerTokens.Token.class,
      SponsorBudget.class,
      SponsorRequest.class,
      Statement.Line.class,
      Statement.class,
      StopRequest.class,
      KillSwitches.Stop.class,
      Transfer.class,
      TransferRequest.class,
      TreasuryReport.Intent.class,
      TreasuryReport.Balances.class,
      TreasuryReport.Movement.class,
      TreasuryReport.Network.class,
      TreasuryReport.OnChain.class,
      TreasuryReport.Planned.class,
      TreasuryReport.Sweep.class,
      TreasuryReport.Sweeps.class,
      TreasuryReport.Unsigned.class,
      TreasuryReport.class,
      Verifier.Rule.class,
      Verifier.Verification.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
