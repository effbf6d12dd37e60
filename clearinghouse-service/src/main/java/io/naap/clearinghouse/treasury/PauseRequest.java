package io.naap.clearinghouse.treasury;

import io.naap.contracts.problem.InvalidInput;

/**
 * Pauses the treasury.
 *
 * @param reason for the record, 1 to 500 characters
 */
public record PauseRequest(String reason) {
  private static final int MAX_REASON = 500;

  public PauseRequest {
    if (reason == null
        || reason.isBlank()
        || reason.length() > MAX_REASON
        || reason.indexOf('\0') >= 0) {
      throw new InvalidInput("reason has 1 to 500 characters");
    }
  }
}
