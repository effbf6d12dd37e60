package io.naap.clearinghouse.signer.payment;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.signer.protocol.PaymentRefusal;
import io.naap.clearinghouse.signer.tickets.CommitResult;
import io.naap.clearinghouse.signer.tickets.TicketStore;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.util.Optional;

/**
 * Runs the stages of a payment: {@code read -> judge -> record -> sign}. A payment is signed only
 * after {@link TicketStore} has committed it.
 */
public final class LivePayments {
  private final PaymentReader reader;
  private final PaymentJudge judge;
  private final TicketStore store;
  private final PaymentSigning signing;
  private final ClearinghouseMetrics metrics;

  LivePayments(
      PaymentReader reader,
      PaymentJudge judge,
      TicketStore store,
      PaymentSigning signing,
      ClearinghouseMetrics metrics) {
    this.reader = reader;
    this.judge = judge;
    this.store = store;
    this.signing = signing;
    this.metrics = metrics;
  }

  public PaymentOutcome pay(SignerCaller caller, String body) {
    PaymentOutcome outcome =
        switch (reader.read(caller, body)) {
          case PaymentReader.Reading.Readable readable -> pay(readable.draft());
          case PaymentReader.Reading.Refused refused ->
              new PaymentOutcome.Refused(refused.refusal());
        };
    if (outcome instanceof PaymentOutcome.Refused refused) {
      metrics.paymentRefused(refused.refusal().reason());
    }
    return outcome;
  }

  private PaymentOutcome pay(PaymentDraft draft) {
    return switch (judge.judge(draft)) {
      case PaymentJudge.Judgement.Payable payable -> sign(draft, store.record(payable.payment()));
      case PaymentJudge.Judgement.Refused refused ->
          repeated(draft)
              .map(before -> sign(draft, before))
              .orElseGet(() -> new PaymentOutcome.Refused(refused.refusal()));
    };
  }

  /**
   * The payment that the same request was granted before, if it was: a caller that lost the answer
   * gets it again, also when the request would be refused by now.
   */
  private Optional<CommitResult> repeated(PaymentDraft draft) {
    return draft
        .before()
        .flatMap(state -> store.repeated(draft.caller(), state, draft.requestHash()));
  }

  private PaymentOutcome sign(PaymentDraft draft, CommitResult recorded) {
    return switch (recorded) {
      case CommitResult.Granted granted -> {
        metrics.ticketsSigned(granted.batch().tickets(), false);
        yield signing.sign(draft, granted.batch());
      }
      case CommitResult.Repeated repeated -> {
        if (PaymentJudge.isExpired(repeated.batch().params(), draft.seen())) {
          // The lost tickets cannot be redeemed any more: the stream goes on as a new session.
          yield pay(draft.withoutState());
        }
        metrics.ticketsSigned(repeated.batch().tickets(), true);
        yield signing.sign(draft, repeated.batch());
      }
      case CommitResult.Refused refused ->
          new PaymentOutcome.Refused(
              refused.refusal().status() == PaymentRefusal.REFRESH
                  ? refused.refusal().withUrl(draft.offer().info().transcoder())
                  : refused.refusal());
      case CommitResult.Unknown unknown ->
          new PaymentOutcome.Refused(
              PaymentRefusal.of(
                  503, "unrecorded", "Postgres did not confirm that the payment is recorded"));
    };
  }
}
