package io.naap.clearinghouse.signer;

import io.naap.contracts.problem.Refusal;

/**
 * Stops signing.
 *
 * @param scope {@code platform}, {@code tenant}, {@code caller} or {@code orchestrator}
 * @param subject whom; left out for the platform
 * @param reason for the record, 1 to 500 characters
 */
public record StopRequest(String scope, String subject, String reason) {
  private static final int MAX_SUBJECT = 100;
  private static final int MAX_REASON = 500;

  public StopRequest {
    if (scope == null || !KillSwitches.SCOPES.contains(scope)) {
      throw Refusal.invalid("scope is platform, tenant, caller or orchestrator").raise();
    }
    boolean platform = KillSwitches.PLATFORM.equals(scope);
    subject = subject == null ? "" : subject;
    if (platform != subject.isEmpty()
        || subject.length() > MAX_SUBJECT
        || subject.indexOf('\0') >= 0) {
      throw Refusal.invalid("subject says whom, and is left out for the platform").raise();
    }
    if (reason == null
        || reason.isBlank()
        || reason.length() > MAX_REASON
        || reason.indexOf('\0') >= 0) {
      throw Refusal.invalid("reason has 1 to 500 characters").raise();
    }
  }
}
