package io.naap.contracts.metering;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Amounts per unit; what is absent is zero. Never negative.
 *
 * <p>On the wire {@code {"requests":1,"pixels":262144}}.
 */
public record Units(Map<Unit, Long> amounts) {
  public static final Units NONE = new Units(Map.of());

  public Units {
    EnumMap<Unit, Long> copy = new EnumMap<>(Unit.class);
    amounts.forEach(
        (unit, amount) -> {
          if (amount < 0) {
            throw new IllegalArgumentException(unit.wireName() + " must not be negative");
          }
          if (amount > 0) {
            copy.put(unit, amount);
          }
        });
    amounts = Collections.unmodifiableMap(copy);
  }

  @JsonCreator
  public static Units of(Map<Unit, Long> amounts) {
    return new Units(amounts);
  }

  public static Units of(Unit unit, long amount) {
    return new Units(Map.of(unit, amount));
  }

  @JsonValue
  public Map<Unit, Long> toMap() {
    return amounts;
  }

  public long get(Unit unit) {
    return amounts.getOrDefault(unit, 0L);
  }

  public Units with(Unit unit, long amount) {
    EnumMap<Unit, Long> copy = new EnumMap<>(Unit.class);
    copy.putAll(amounts);
    copy.put(unit, amount);
    return new Units(copy);
  }

  public Units plus(Units other) {
    EnumMap<Unit, Long> sum = new EnumMap<>(Unit.class);
    sum.putAll(amounts);
    other.amounts.forEach((unit, amount) -> sum.merge(unit, amount, Math::addExact));
    return new Units(sum);
  }

  /** As in the {@code x-naap-units} header: {@code pixels=262144, requests=1}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(64);
    amounts.forEach(
        (unit, amount) -> {
          if (!text.isEmpty()) {
            text.append(", ");
          }
          text.append(unit.wireName()).append('=').append(amount);
        });
    return text.toString();
  }
}
