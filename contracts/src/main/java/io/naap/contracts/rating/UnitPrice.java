package io.naap.contracts.rating;

import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Prices of units of one charge: exact decimals until the one rounding, half-even, to the
 * nano-dollar. {@code kept} is the percentage that the plan's discount leaves.
 */
final class UnitPrice {
  static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final long MINUTE = 60_000;
  private static final long SECOND = 1_000;

  private UnitPrice() {}

  /** The percentage of the price that is left after the discount. */
  static BigDecimal kept(Plan plan) {
    return plan.terms().discountPercent().map(HUNDRED::subtract).orElse(HUNDRED);
  }

  static boolean isRunning(Charge.Counted charge) {
    return switch (charge) {
      case Charge.Graduated graduated -> true;
      case Charge.Volume volume -> true;
      case Charge.Packages pack -> true;
      case Charge.PerRequest each -> false;
      case Charge.PerMinute each -> false;
      case Charge.PerSecond each -> false;
      case Charge.Usage each -> false;
      case Charge.Credits each -> false;
    };
  }

  static Optional<BigDecimal> credits(Charge.Counted charge, long count) {
    return charge instanceof Charge.Credits credits
        ? Optional.of(
            credits
                .credits()
                .multiply(BigDecimal.valueOf(count))
                .divide(BigDecimal.valueOf(credits.per()), 9, RoundingMode.HALF_EVEN))
        : Optional.empty();
  }

  /** The price of the units from {@code from} to {@code to} in the period's count. */
  static NanoUsd amount(Charge.Counted charge, BigDecimal kept, long from, long to) {
    return switch (charge) {
      case Charge.PerRequest each -> flat(each.price(), 1, to, kept);
      case Charge.PerMinute each -> flat(each.price(), MINUTE, to, kept);
      case Charge.PerSecond each -> flat(each.price(), SECOND, to, kept);
      case Charge.Usage usage -> flat(usage.price(), usage.per(), to, kept);
      case Charge.Credits credits ->
          flat(credits.credits().multiply(credits.creditPrice()), credits.per(), to, kept);
      case Charge.Graduated tiered ->
          rounded(graduated(tiered, to), tiered.per(), kept)
              .minus(rounded(graduated(tiered, from), tiered.per(), kept));
      case Charge.Volume tiered ->
          flat(tierPrice(tiered.tiers(), to), tiered.per(), to - from, kept);
      case Charge.Packages pack ->
          flat(pack.price(), 1, packages(pack, to), kept)
              .minus(flat(pack.price(), 1, packages(pack, from), kept));
    };
  }

  static NanoUsd flat(BigDecimal price, long per, long count, BigDecimal kept) {
    return count == 0
        ? NanoUsd.ZERO
        : rounded(price.multiply(BigDecimal.valueOf(count)), per, kept);
  }

  private static NanoUsd rounded(BigDecimal price, long per, BigDecimal kept) {
    // The discount is part of the same division, so there is still only one rounding.
    return kept.compareTo(HUNDRED) == 0
        ? NanoUsd.rounded(price, BigDecimal.valueOf(per))
        : NanoUsd.rounded(price.multiply(kept), BigDecimal.valueOf(per).multiply(HUNDRED));
  }

  private static long packages(Charge.Packages pack, long units) {
    return Math.ceilDiv(units, pack.size());
  }

  /** The price of the first {@code units} units, times {@code per}. */
  private static BigDecimal graduated(Charge.Graduated charge, long units) {
    BigDecimal sum = BigDecimal.ZERO;
    long done = 0;
    for (Charge.Tier tier : charge.tiers()) {
      long end = Math.min(units, tier.upTo().orElse(Long.MAX_VALUE));
      if (end > done) {
        sum = sum.add(tier.price().multiply(BigDecimal.valueOf(end - done)));
        done = end;
      }
    }
    return sum;
  }

  static BigDecimal tierPrice(List<Charge.Tier> tiers, long units) {
    for (Charge.Tier tier : tiers) {
      if (units <= tier.upTo().orElse(Long.MAX_VALUE)) {
        return tier.price();
      }
    }
    throw new IllegalStateException("the last tier has no end");
  }

  static NanoUsd most(Charge.Counted charge, BigDecimal kept, long count) {
    return switch (charge) {
      case Charge.Graduated tiered -> mostGraduated(tiered, kept, count);
      case Charge.Volume tiered ->
          flat(
              tiered.tiers().stream()
                  .map(Charge.Tier::price)
                  .max(BigDecimal::compareTo)
                  .orElseThrow(),
              tiered.per(),
              count,
              kept);
      case Charge.Packages pack -> mostPackages(pack, kept, count);
      case Charge.PerRequest each -> amount(each, kept, 0, count);
      case Charge.PerMinute each -> amount(each, kept, 0, count);
      case Charge.PerSecond each -> amount(each, kept, 0, count);
      case Charge.Usage each -> amount(each, kept, 0, count);
      case Charge.Credits each -> amount(each, kept, 0, count);
    };
  }

  /**
   * The price of {@code count} units is linear in their position between tier borders, so the
   * maximum is at a position where they start or end at a border.
   */
  private static NanoUsd mostGraduated(Charge.Graduated tiered, BigDecimal kept, long count) {
    if (count == 0) {
      return NanoUsd.ZERO;
    }
    BigDecimal most = graduated(tiered, count);
    for (Charge.Tier tier : tiered.tiers()) {
      if (tier.upTo().isPresent()) {
        long border = tier.upTo().get();
        OptionalLong before =
            border >= count ? OptionalLong.of(border - count) : OptionalLong.empty();
        if (before.isPresent()) {
          most =
              most.max(graduated(tiered, border).subtract(graduated(tiered, before.getAsLong())));
        }
        most =
            most.max(
                graduated(tiered, Math.addExact(border, count))
                    .subtract(graduated(tiered, border)));
      }
    }
    // The difference of two rounded totals can exceed the rounded difference by one nano-dollar.
    return rounded(most, tiered.per(), kept).plus(NanoUsd.ofNanos(1));
  }

  private static NanoUsd mostPackages(Charge.Packages pack, BigDecimal kept, long count) {
    return count == 0
        ? NanoUsd.ZERO
        : flat(pack.price(), 1, packages(pack, count), kept).plus(NanoUsd.ofNanos(1));
  }
}
