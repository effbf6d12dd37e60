package io.naap.clearinghouse.signer.protocol;

import java.util.Optional;

/**
 * Why nothing is signed, with go-livepeer's status codes.
 *
 * @param reason for the metrics, lower-case words joined by underscores
 * @param message for the caller
 * @param orchestratorUrl sent with a 480: the orchestrator whose session must be refreshed
 */
public record PaymentRefusal(
    int status, String reason, String message, Optional<String> orchestratorUrl) {
  /** go-livepeer's status for a session that needs fresh parameters of its orchestrator. */
  public static final int REFRESH = 480;

  public static PaymentRefusal of(int status, String reason, String message) {
    return new PaymentRefusal(status, reason, message, Optional.empty());
  }

  public static PaymentRefusal invalid(String message) {
    return of(400, "invalid", message);
  }

  public PaymentRefusal withUrl(String url) {
    return new PaymentRefusal(status, reason, message, Optional.of(url));
  }
}
