package io.naap.clearinghouse.signer;

import java.util.Optional;

/** Ends the checking of a payment; never leaves the feature. */
final class PaymentRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient PaymentOutcome.Refused outcome;
  private final String reason;

  PaymentRefused(int status, String message) {
    this(status, "invalid", message);
  }

  PaymentRefused(int status, String reason, String message) {
    this(status, reason, message, Optional.empty());
  }

  PaymentRefused(int status, String reason, String message, Optional<String> orchestratorUrl) {
    super(message, null, false, false);
    this.reason = reason;
    this.outcome = new PaymentOutcome.Refused(status, message, orchestratorUrl);
  }

  /** For the metrics. */
  String reason() {
    return reason;
  }

  PaymentOutcome.Refused outcome() {
    return outcome;
  }
}
