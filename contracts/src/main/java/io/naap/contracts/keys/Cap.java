package io.naap.contracts.keys;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.InvalidInput;
import java.util.Locale;
import java.util.Objects;

/**
 * The most of a unit, or of money, that a key may use in a window.
 *
 * @param what a unit's wire name, or {@code "nano_usd"} for money
 * @param window UTC day, UTC month, or the key's whole life
 * @param limit in that unit; nano-dollars for money
 */
public record Cap(String what, Window window, long limit) {
  public static final String MONEY = "nano_usd";

  public Cap {
    Objects.requireNonNull(what, "a cap's what is missing");
    Objects.requireNonNull(window, "a cap's window is missing");
    if (!MONEY.equals(what)) {
      Unit.of(what);
    }
    if (limit < 0) {
      throw new InvalidInput("a cap's limit must be a whole number of at least 0");
    }
  }

  /** The window after which a cap counts from zero again. */
  public enum Window {
    DAY,
    MONTH,
    LIFETIME;

    @JsonValue
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Window of(String wireName) {
      for (Window window : values()) {
        if (window.wireName().equals(wireName)) {
          return window;
        }
      }
      throw new InvalidInput("window must be \"day\", \"month\" or \"lifetime\"");
    }
  }
}
