package io.naap.contracts.audit;

import java.util.Optional;

/**
 * Checks audit entries one at a time, in the order of their numbers, so an export of any size can
 * be checked without holding it in memory.
 */
public final class AuditChain {
  private long seq;
  private String head = AuditEntry.NONE;

  /**
   * Checks the next entry and returns what is wrong with it; empty when nothing is. Entries cut off
   * the end of an export go unnoticed here: compare {@link #head} with a hash noted elsewhere.
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

  /** The number of entries that passed. */
  public long length() {
    return seq;
  }

  /** The hash of the last entry that passed. */
  public String head() {
    return head;
  }
}
