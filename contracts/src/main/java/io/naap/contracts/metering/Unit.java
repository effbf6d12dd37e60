package io.naap.contracts.metering;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.naap.contracts.problem.InvalidInput;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The units of usage. Amounts are exact integers. Time is counted in milliseconds; seconds and
 * minutes only appear in prices and in what people are shown.
 */
public enum Unit {
  REQUESTS,
  PIXELS,
  GENERATIONS,
  TOKENS_IN,
  TOKENS_OUT,
  MILLISECONDS,
  CHARACTERS;

  public static final List<Unit> ALL = List.of(values());

  private final String wireName = name().toLowerCase(Locale.ROOT);

  @JsonValue
  public String wireName() {
    return wireName;
  }

  @JsonCreator
  public static Unit of(String wireName) {
    return find(wireName).orElseThrow(() -> new InvalidInput("unknown unit \"" + wireName + "\""));
  }

  public static Optional<Unit> find(String wireName) {
    for (Unit unit : ALL) {
      if (unit.wireName.equals(wireName)) {
        return Optional.of(unit);
      }
    }
    return Optional.empty();
  }
}
