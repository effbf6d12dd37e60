package io.naap.clearinghouse.signer.payment;

import io.naap.clearinghouse.signer.protocol.PaymentRefusal;

/** The answer to a payment request. */
public sealed interface PaymentOutcome {
  /** The signed payment; every part in base64. */
  record Paid(String payment, String segmentCredentials, String state, String signature)
      implements PaymentOutcome {}

  /** Nothing was signed. */
  record Refused(PaymentRefusal refusal) implements PaymentOutcome {}
}
