package io.naap.metering.plan;

import io.naap.contracts.problem.InvalidInput;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names of pool tiers as a plan may have them: those that a routing table can have. */
final class Tiers {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final int MOST = 20;

  private Tiers() {}

  /** The list that was sent, empty when absent; fails when a name cannot be a tier's. */
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
