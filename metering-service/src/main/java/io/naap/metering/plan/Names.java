package io.naap.metering.plan;

import io.naap.contracts.problem.InvalidInput;

/** Checks the names of plans, price books and sponsors. */
final class Names {
  private static final int MOST = 100;

  private Names() {}

  /**
   * Checks that a name has 1 to 100 characters and is not blank.
   *
   * @throws InvalidInput when the name is absent, blank or longer than 100 characters
   */
  static void check(String field, String name) {
    if (name == null || name.isBlank() || name.length() > MOST) {
      throw new InvalidInput(field + " has 1 to " + MOST + " characters");
    }
  }
}
