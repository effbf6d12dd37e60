package io.naap.clearinghouse.ledger;

import java.math.BigInteger;

/** What came of booking a journal. */
public sealed interface PostingResult {
  /** It is in the ledger when the transaction commits. */
  record Booked(String journalId) implements PostingResult {}

  /** The same business key was booked before; nothing moved now. */
  record AlreadyBooked(String journalId) implements PostingResult {}

  /**
   * An account would pass its bound; nothing moved.
   *
   * @param balance what it has
   */
  record InsufficientBalance(AccountRef account, BigInteger balance) implements PostingResult {}
}
