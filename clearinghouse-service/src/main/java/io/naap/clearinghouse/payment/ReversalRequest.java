package io.naap.clearinghouse.payment;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.InvalidInput;

/**
 * A journal to be undone.
 *
 * @param reason for the books, 1 to 200 characters
 */
public record ReversalRequest(String journalId, String reason) {
  private static final int MAX_REASON = 200;

  public ReversalRequest {
    if (!IdKind.JOURNAL.matches(journalId)) {
      throw new InvalidInput("journal_id must be a journal's id, jnl_...");
    }
    if (reason == null || reason.isBlank() || reason.length() > MAX_REASON) {
      throw new InvalidInput("reason must have 1 to 200 characters");
    }
  }
}
