package io.naap.keys.apikey;

import io.naap.contracts.problem.InvalidInput;

/**
 * A key's secret to be replaced.
 *
 * @param overlapSeconds how long the old secret stays good; absent or 0 for not at all
 */
public record Rotation(Long overlapSeconds) {
  public Rotation {
    overlapSeconds = overlapSeconds == null ? 0L : overlapSeconds;
    if (overlapSeconds < 0) {
      throw new InvalidInput("overlap_seconds must be a whole number of at least 0");
    }
  }
}
