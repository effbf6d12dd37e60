package io.naap.keys.apikey;

import io.naap.contracts.problem.InvalidInput;

/**
 * A request to rotate a key.
 *
 * @param overlapSeconds how long the old secret stays valid; absent or 0 ends it at once
 */
public record Rotation(Long overlapSeconds) {
  public Rotation {
    overlapSeconds = overlapSeconds == null ? 0L : overlapSeconds;
    if (overlapSeconds < 0) {
      throw new InvalidInput("overlap_seconds must be a whole number of at least 0");
    }
  }
}
