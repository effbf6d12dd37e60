package io.naap.metering.plan;

import io.naap.contracts.problem.InvalidInput;

/** What plans, price books and sponsors may be called. */
final class Names {
  private static final int MOST = 100;

  private Names() {}

  /**
   * Refuses what cannot be a name.
   *
   * @throws InvalidInput when the name is absent, blank or longer than 100 characters
   */
  static void check(String field, String name) {
    if (name == null || name.isBlank() || name.length() > MOST) {
      throw new InvalidInput(field + " has 1 to " + MOST + " characters");
    }
  }
}
