package io.naap.contracts.audit;

import java.util.Optional;

/** Checks entries in the order they were made, one at a time: an export need not fit in memory. */
public final class AuditChain {
  private long seq;
  private String head = AuditEntry.NONE;

  /**
   * What is wrong with the next entry, empty when nothing is. An entry taken away from the end
   * shows only in the head: compare {@link #head} with one that was noted elsewhere.
   */
  public Optional<String> add(AuditEntry entry) {
    if (entry.seq() != seq + 1) {
      return Optional.of(
          "entry %d follows entry %d: something was removed or moved".formatted(entry.seq(), seq));
    }
    if (!entry.previous().equals(head)) {
      return Optional.of(
          "entry %d does not hold the hash of the entry before it".formatted(entry.seq()));
    }
    if (!entry.digest().equals(entry.hash())) {
      return Optional.of("entry %d was altered".formatted(entry.seq()));
    }
    seq = entry.seq();
    head = entry.hash();
    return Optional.empty();
  }

  /** How many entries were good. */
  public long length() {
    return seq;
  }

  /** The hash of the last good entry. */
  public String head() {
    return head;
  }
}
