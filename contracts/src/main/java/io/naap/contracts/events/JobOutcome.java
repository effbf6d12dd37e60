package io.naap.contracts.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a job ended, as usage events say it. */
public enum JobOutcome {
  /** Nothing is billed. */
  FAILED,
  /** Delivered in part, or made for a client that left: billed. */
  PARTIAL,
  /** Delivered as a whole. */
  SUCCEEDED;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The outcome of a word in JSON or SQL; null for any other word, as for a missing one. */
  @JsonCreator
  public static JobOutcome of(String word) {
    for (JobOutcome one : values()) {
      if (one.word.equals(word)) {
        return one;
      }
    }
    return null;
  }

  /** Its word in JSON and SQL. */
  @JsonValue
  public String word() {
    return word;
  }
}
