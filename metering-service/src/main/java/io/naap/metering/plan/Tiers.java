package io.naap.metering.plan;

import io.naap.contracts.problem.InvalidInput;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks the names of pool tiers in a plan, by the rule that routing tables use too. */
final class Tiers {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final int MOST = 20;

  private Tiers() {}

  /** Checks a tier and a list of tiers; returns the list, empty when it is null. */
  static List<String> check(Optional<String> tier, List<String> tiers) {
    List<String> listed = tiers == null ? List.of() : List.copyOf(tiers);
    if (listed.size() > MOST || listed.stream().distinct().count() != listed.size()) {
      throw new InvalidInput("tiers has at most " + MOST + " names, each once");
    }
    tier.ifPresent(Tiers::check);
    listed.forEach(Tiers::check);
    return listed;
  }

  private static void check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidInput(
          "a tier is 1 to 63 small letters, digits and hyphens, and begins with a letter or digit");
    }
  }
}
