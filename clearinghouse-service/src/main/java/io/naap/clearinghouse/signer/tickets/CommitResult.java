package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.signer.protocol.PaymentRefusal;

/** The outcome of recording a payment. Only {@link Granted} and {@link Repeated} are signed. */
public sealed interface CommitResult {
  /** Committed: no other payment gets these nonces. */
  record Granted(TicketBatch batch) implements CommitResult {}

  /** The state led to this payment before; its caller gets the same answer again. */
  record Repeated(TicketBatch batch) implements CommitResult {}

  /** Nothing was recorded. */
  record Refused(PaymentRefusal refusal) implements CommitResult {
    static Refused of(int status, String reason, String message) {
      return new Refused(PaymentRefusal.of(status, reason, message));
    }
  }

  /** Postgres did not say whether the payment was recorded: nothing may be signed. */
  record Unknown() implements CommitResult {}
}
