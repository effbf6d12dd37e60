package io.naap.router.routing;

import io.naap.contracts.problem.Refusal;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells clients that a capability or model is not here, and the names that are most alike. */
record UnknownNames(List<Pool> pools) {
  private static final int MOST_SHOWN = 80;
  private static final int MOST_SUGGESTED = 5;

  /** No pool has the capability, or none in this tier. */
  Refusal capability(String capability, String tier) {
    if (pools.stream().anyMatch(pool -> pool.capabilities().containsKey(capability))) {
      return Refusal.of(
          404, "not_in_tier", "The tier \"" + tier + "\" has no gateway for " + capability + ".");
    }
    Set<String> there = new LinkedHashSet<>();
    pools.forEach(pool -> there.addAll(pool.capabilities().keySet()));
    return Refusal.of(
        404,
        "unknown_capability",
        "There is no capability \""
            + capability
            + "\" here; there are: "
            + closest(capability, there));
  }

  /** No pool has the model, or none in this tier. */
  Refusal model(String capability, String model, String tier) {
    if (pools.stream().noneMatch(pool -> pool.serves(capability, model))) {
      return model(capability, model);
    }
    return Refusal.of(
        404,
        "not_in_tier",
        "The tier \""
            + tier
            + "\" does not have this model for "
            + capability
            + "; it has: "
            + closest(
                model,
                models(
                    pools.stream().filter(pool -> pool.tier().equals(tier)).toList(), capability)));
  }

  /** No pool has the model. */
  Refusal model(String capability, String model) {
    return Refusal.of(
        404,
        "unknown_model",
        "There is no model \""
            + abbreviated(model)
            + "\" for "
            + capability
            + "; there are: "
            + closest(model, models(pools, capability)));
  }

  private static Set<String> models(List<Pool> of, String capability) {
    Set<String> models = new LinkedHashSet<>();
    of.forEach(pool -> models.addAll(pool.capabilities().getOrDefault(capability, List.of())));
    return models;
  }

  private static String abbreviated(String text) {
    return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "..." : text;
  }

  private static String closest(String asked, Set<String> there) {
    return String.join(
        ", ",
        there.stream()
            .filter(name -> !name.equals("*"))
            .sorted(Comparator.comparingInt(name -> -alike(asked, name)))
            .limit(MOST_SUGGESTED)
            .toList());
  }

  /** How many runs of three letters two names share. */
  private static int alike(String asked, String name) {
    String wish = asked.substring(0, Math.min(asked.length(), MOST_SHOWN)).toLowerCase(Locale.ROOT);
    String there = name.toLowerCase(Locale.ROOT);
    int shared = 0;
    for (int at = 0; at + 3 <= wish.length(); at++) {
      if (there.contains(wish.substring(at, at + 3))) {
        shared++;
      }
    }
    return shared;
  }
}
