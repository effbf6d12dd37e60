package io.naap.contracts.rating;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.util.List;

/** Bounds of the prices in a plan. */
final class Prices {
  private static final BigDecimal MAX = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final int MAX_SCALE = 18;
  private static final int MAX_TIERS = 50;

  private Prices() {}

  static void check(BigDecimal price) {
    if (price == null
        || price.signum() < 0
        || price.compareTo(MAX) > 0
        || price.scale() > MAX_SCALE) {
      throw new InvalidInput("a price is between 0 and 1000000 dollars with at most 18 decimals");
    }
  }

  static void checkPercent(BigDecimal percent) {
    if (percent.signum() <= 0 || percent.compareTo(HUNDRED) > 0 || percent.scale() > 6) {
      throw new InvalidInput("a percentage is above 0, at most 100, with 6 decimals");
    }
  }

  static void checkCounted(Unit unit, long per) {
    if (unit == null || per < 1) {
      throw new InvalidInput("a charge has a unit, and counts at least 1 of it");
    }
  }

  static List<Charge.Tier> checkedTiers(List<Charge.Tier> tiers) {
    if (tiers == null || tiers.isEmpty() || tiers.size() > MAX_TIERS) {
      throw new InvalidInput("a tiered charge has 1 to 50 tiers");
    }
    long before = 0;
    for (int at = 0; at < tiers.size(); at++) {
      boolean last = at == tiers.size() - 1;
      if (tiers.get(at).upTo().isEmpty() != last
          || (!last && tiers.get(at).upTo().get() <= before)) {
        throw new InvalidInput(
            "each tier ends above the one before it, and only the last has no end");
      }
      before = tiers.get(at).upTo().orElse(0L);
    }
    return List.copyOf(tiers);
  }
}
