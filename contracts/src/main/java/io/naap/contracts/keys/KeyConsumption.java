package io.naap.contracts.keys;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.LocalDate;

/**
 * What a key has used, as metering has stored it: the answer of {@code GET
 * /internal/keys/{keyId}/consumption}, from which admission rebuilds its counters.
 *
 * @param day the UTC day that "day" and, by its month, "month" mean
 */
public record KeyConsumption(
    String keyId, LocalDate day, Window today, Window month, Window lifetime) {

  /** Units and money in one window. */
  public record Window(Units units, NanoUsd cost) {}
}
