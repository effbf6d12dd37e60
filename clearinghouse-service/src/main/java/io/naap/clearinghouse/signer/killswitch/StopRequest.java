package io.naap.clearinghouse.signer.killswitch;

import io.naap.contracts.problem.InvalidInput;
import java.util.Locale;

/**
 * Asks to stop signing.
 *
 * @param scope {@code platform}, {@code tenant}, {@code caller} or {@code orchestrator}
 * @param subject of the scope; absent for the platform
 * @param reason for the record, 1 to 500 characters
 */
public record StopRequest(String scope, String subject, String reason) {
  private static final int MAX_SUBJECT = 100;
  private static final int MAX_REASON = 500;

  public StopRequest {
    if (scope == null || !KillSwitches.SCOPES.contains(scope)) {
      throw new InvalidInput("scope is platform, tenant, caller or orchestrator");
    }
    boolean platform = KillSwitches.PLATFORM.equals(scope);
    subject = subject == null ? "" : subject;
    if (platform != subject.isEmpty()
        || subject.length() > MAX_SUBJECT
        || subject.indexOf('\0') >= 0) {
      throw new InvalidInput("subject says whom, and is left out for the platform");
    }
    if (reason == null
        || reason.isBlank()
        || reason.length() > MAX_REASON
        || reason.indexOf('\0') >= 0) {
      throw new InvalidInput("reason has 1 to 500 characters");
    }
    subject = normalized(scope, subject);
  }

  /** Addresses of orchestrators are stored in lower case. */
  static String normalized(String scope, String subject) {
    return KillSwitches.ORCHESTRATOR.equals(scope) ? subject.toLowerCase(Locale.ROOT) : subject;
  }
}
