package io.naap.contracts.rating;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** Whether a tenant pays its invoices. */
public enum Standing {
  GOOD,
  /** An invoice is overdue; the tenant is still served, but reminded. */
  PAST_DUE,
  /** Invoices are unpaid beyond their grace; no job is served. */
  SUSPENDED;

  /** The standing of a word in JSON or SQL; good for a word of a newer version. */
  @JsonCreator
  public static Standing of(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst().orElse(GOOD);
  }

  /** Its word in JSON and SQL. */
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
