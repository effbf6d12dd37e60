package io.naap.contracts.keys;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.InvalidInput;
import java.util.Objects;

/**
 * The most of a unit that the jobs started in any minute may use.
 *
 * @param unit a unit's wire name
 * @param limit in that unit
 */
public record UnitRate(String unit, long limit) {
  public UnitRate {
    Objects.requireNonNull(unit, "a rate's unit is missing");
    Unit.of(unit);
    if (limit < 0) {
      throw new InvalidInput("a rate's limit must be a whole number of at least 0");
    }
  }
}
