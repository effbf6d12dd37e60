package io.naap.clearinghouse.ledger;

import java.math.BigInteger;

/** What came of booking a journal. */
public sealed interface Booking {
  /** It is in the ledger when the transaction commits. */
  record Booked(String journalId) implements Booking {}

  /** The same business key was booked before; nothing moved now. */
  record AlreadyBooked(String journalId) implements Booking {}

  /**
   * An account would pass its bound; nothing moved.
   *
   * @param balance what it has
   */
  record TooLittle(AccountRef account, BigInteger balance) implements Booking {}
}
