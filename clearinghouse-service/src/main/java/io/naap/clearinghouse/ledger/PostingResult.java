package io.naap.clearinghouse.ledger;

import java.math.BigInteger;

/** The outcome of booking a journal. */
public sealed interface PostingResult {
  /** The journal is in the ledger once the transaction commits. */
  record Booked(String journalId) implements PostingResult {}

  /** The business key was booked before; nothing moved. */
  record AlreadyBooked(String journalId) implements PostingResult {}

  /**
   * An account's balance would pass its bound; nothing moved.
   *
   * @param balance of the account, unchanged
   */
  record InsufficientBalance(AccountRef account, BigInteger balance) implements PostingResult {}
}
