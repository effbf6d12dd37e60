package io.naap.router.usage;

import java.time.Instant;

/**
 * Positions of the spool that no record will come from.
 *
 * @param from the first
 * @param to the last
 * @param reason as in {@link io.naap.contracts.events.UsageMissing}
 */
record MissingRange(long from, long to, String reason, Instant foundAt) {
  MissingRange {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException(from + " to " + to + " is no range of positions");
    }
  }
}
