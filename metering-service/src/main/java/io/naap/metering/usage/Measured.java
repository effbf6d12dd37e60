package io.naap.metering.usage;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;

/**
 * Measured units as the API shows them.
 *
 * @param units the exact units
 * @param seconds for display, derived from the milliseconds
 * @param minutes for display, derived from the milliseconds
 */
public record Measured(Units units, String seconds, String minutes) {
  static Measured of(Units units) {
    long millis = units.get(Unit.MILLISECONDS);
    return new Measured(units, Durations.seconds(millis), Durations.minutes(millis));
  }
}
