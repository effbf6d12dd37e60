package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.StringJoiner;

/**
 * {@code ./naap verify}: has the clearinghouse recompute every balance, every rule and the hash
 * chain from its database, and prints what it found.
 */
final class LedgerCheck {
  private final PrintStream out;

  LedgerCheck(PrintStream out) {
    this.out = out;
  }

  /**
   * Prints a verification, the answer of {@code GET /v1/reconciliation/verification}.
   *
   * @return the exit status: 0 when nothing is wrong
   */
  int run(JsonNode verification) {
    boolean right = verification.path("ok").asBoolean(false);
    for (JsonNode rule : verification.path("rules")) {
      long broken = rule.path("violations").asLong();
      out.printf(
          "%s  %s%s%n",
          broken == 0 ? "ok   " : "WRONG",
          rule.path("name").asText(),
          broken == 0
              ? ""
              : ": " + broken + (broken >= 100 ? " or more" : "") + named(rule.path("examples")));
    }
    out.printf(
        "%d journals sealed, %d waiting%nhead %s%n",
        verification.path("sealed").asLong(),
        verification.path("unsealed").asLong(),
        verification.path("head").asText());
    return right && !verification.path("rules").isEmpty() ? 0 : 1;
  }

  private static String named(JsonNode examples) {
    StringJoiner named = new StringJoiner(", ", " (", ")").setEmptyValue("");
    examples.forEach(one -> named.add(one.asText()));
    return named.toString();
  }
}
