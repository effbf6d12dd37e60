package io.naap.clearinghouse.signer;

import java.util.Optional;

/** Ends the checking of a payment, and rolls its transaction back; never leaves the feature. */
final class PaymentRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient PaymentOutcome.Refused outcome;

  PaymentRefused(int status, String message) {
    this(status, message, Optional.empty());
  }

  PaymentRefused(int status, String message, Optional<String> orchestratorUrl) {
    super(message, null, false, false);
    this.outcome = new PaymentOutcome.Refused(status, message, orchestratorUrl);
  }

  PaymentOutcome.Refused outcome() {
    return outcome;
  }
}
