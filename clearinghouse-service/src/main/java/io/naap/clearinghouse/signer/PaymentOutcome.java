package io.naap.clearinghouse.signer;

import java.util.Optional;

/** What a caller is answered. */
sealed interface PaymentOutcome {
  /** All in base64. */
  record Paid(String payment, String segmentCredentials, String state, String signature)
      implements PaymentOutcome {}

  /**
   * Nothing was signed.
   *
   * @param orchestratorUrl sent along when the session needs a refresh
   */
  record Refused(int status, String message, Optional<String> orchestratorUrl)
      implements PaymentOutcome {}
}
