package io.naap.contracts.metering;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.naap.contracts.problem.InvalidInput;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * An amount of each unit, zero by default and never negative.
 *
 * <p>As JSON {@code {"requests":1,"pixels":262144}}. A class with an array instead of a record with
 * a map, because every job reads its amounts many times.
 */
public final class Units {
  public static final Units NONE = new Units(new long[Unit.ALL.size()]);

  /**
   * The most of a unit in one event, which keeps sums far below the limit of 64 bits. Metering sets
   * events with more aside without charging them, so the router admits no job that could exceed it.
   */
  public static final long MOST = 1_000_000_000_000L;

  private final long[] amounts;

  /** Keeps the array without copying it. */
  private Units(long[] amounts) {
    for (Unit unit : Unit.ALL) {
      if (amounts[place(unit)] < 0) {
        throw new InvalidInput(unit.wireName() + " must not be negative");
      }
    }
    this.amounts = amounts;
  }

  @SuppressWarnings("EnumOrdinal") // Only in memory, as in an EnumMap; the wire has names.
  private static int place(Unit unit) {
    return unit.ordinal();
  }

  @JsonCreator
  public static Units of(Map<Unit, Long> amounts) {
    long[] copy = new long[Unit.ALL.size()];
    amounts.forEach((unit, amount) -> copy[place(unit)] = amount);
    return new Units(copy);
  }

  public static Units of(Unit unit, long amount) {
    return NONE.with(unit, amount);
  }

  /** The amounts other than zero, in the order of {@link Unit}. */
  @JsonValue
  public Map<Unit, Long> amounts() {
    EnumMap<Unit, Long> map = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.ALL) {
      if (get(unit) > 0) {
        map.put(unit, get(unit));
      }
    }
    return Collections.unmodifiableMap(map);
  }

  public long get(Unit unit) {
    return amounts[place(unit)];
  }

  public boolean isNone() {
    return equals(NONE);
  }

  public Units with(Unit unit, long amount) {
    long[] copy = amounts.clone();
    copy[place(unit)] = amount;
    return new Units(copy);
  }

  public Units plus(Units other) {
    long[] sum = new long[amounts.length];
    for (int at = 0; at < sum.length; at++) {
      sum[at] = Math.addExact(amounts[at], other.amounts[at]);
    }
    return new Units(sum);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Units units && Arrays.equals(amounts, units.amounts));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(amounts);
  }

  /** The text of the {@code x-naap-units} header: {@code pixels=262144, requests=1}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(64);
    for (Unit unit : Unit.ALL) {
      if (get(unit) > 0) {
        if (!text.isEmpty()) {
          text.append(", ");
        }
        text.append(unit.wireName()).append('=').append(get(unit));
      }
    }
    return text.toString();
  }
}
