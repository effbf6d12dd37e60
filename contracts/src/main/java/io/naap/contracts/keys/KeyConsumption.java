package io.naap.contracts.keys;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.LocalDate;

/**
 * What a key has used according to metering: the response of {@code GET
 * /internal/keys/{keyId}/consumption}, from which admission restores its counters.
 *
 * @param day the UTC day of "today"; its month is the month of "month"
 */
public record KeyConsumption(
    String keyId, LocalDate day, Window today, Window month, Window lifetime) {

  /** Units and money used in one window. */
  public record Window(Units units, NanoUsd cost) {}
}
