package io.naap.contracts.rating;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Computes what a job costs under a plan. Pure and exact. Estimates, bills and checks all use this
 * one function.
 *
 * <p>Each charge is rounded once, half-even, to the nano-dollar. For tiers and packages the running
 * total of the period is rounded, and a job costs the difference between the totals after and
 * before it. So the charges of a period add up to the rounded price of its total usage, whatever
 * the order and size of its jobs.
 */
public final class Rating {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final long MINUTE = 60_000;
  private static final long SECOND = 1_000;

  private Rating() {}

  /** Rates a job as if it were the first of its period. */
  public static Rated rate(Plan plan, String capability, String model, Units units) {
    return rate(plan, capability, model, units, PeriodUsage.START);
  }

  /**
   * Rates a job after the usage {@code before}. Computes one line per charge; then the trial, the
   * sponsor and the ceiling reduce the tenant's part, in this order.
   *
   * @throws ArithmeticException when an amount leaves the range of {@link NanoUsd}
   */
  public static Rated rate(
      Plan plan, String capability, String model, Units units, PeriodUsage before) {
    Counting counting = new Counting(plan, capability, model, units, before);
    List<Charge> charges = plan.charges();
    for (int index = 0; index < charges.size(); index++) {
      if (charges.get(index) instanceof Charge.Subscription subscription) {
        counting.include(index, subscription);
      }
    }
    for (int index = 0; index < charges.size(); index++) {
      if (charges.get(index) instanceof Charge.Counted charge
          && charge.filter().matches(capability, model)) {
        counting.charge(index, charge);
      }
    }
    if (counting.lines.isEmpty() && !(counting.included && isCovered(units, counting.covered))) {
      return new Rated.NoPrice();
    }
    return share(plan, capability, model, before, counting.after(), counting.gross, counting.lines);
  }

  /** Computes the lines of one job, charge by charge. */
  private static final class Counting {
    private final String capability;
    private final String model;
    private final Units units;
    private final PeriodUsage before;
    private final BigDecimal kept;
    private final EnumMap<Unit, Long> covered = new EnumMap<>(Unit.class);
    private final List<Rated.Line> lines = new ArrayList<>();
    private NanoUsd gross = NanoUsd.ZERO;
    private boolean included;

    /** The meters after the job; copied on the first change, because most jobs change none. */
    private Map<String, Long> meters;

    private Map<String, NanoUsd> charged;

    Counting(Plan plan, String capability, String model, Units units, PeriodUsage before) {
      this.capability = capability;
      this.model = model;
      this.units = units;
      this.before = before;
      this.kept = kept(plan);
    }

    /** Counts a subscription's included units and exempts them from other charges. */
    void include(int index, Charge.Subscription subscription) {
      for (int at = 0; at < subscription.included().size(); at++) {
        Charge.Included part = subscription.included().get(at);
        if (!part.filter().matches(capability, model)) {
          continue;
        }
        included = true;
        long open = units.get(part.unit()) - covered.getOrDefault(part.unit(), 0L);
        if (open > 0) {
          String meter = index + "." + at;
          long used = before.meter(meter);
          long most = part.amount().map(before.share()::of).orElse(Long.MAX_VALUE);
          covered.merge(part.unit(), Math.min(open, Math.max(0, most - used)), Long::sum);
          count(meter, Math.addExact(used, open));
        }
      }
    }

    /** Adds the line of one charge for the units that are not included. */
    void charge(int index, Charge.Counted charge) {
      long free = covered.getOrDefault(charge.unit(), 0L);
      long count = units.get(charge.unit()) - free;
      String meter = Integer.toString(index);
      long from = isRunning(charge) ? before.meter(meter) : 0;
      long to = Math.addExact(from, count);
      NanoUsd amount = amount(charge, kept, from, to);
      if (isRunning(charge)) {
        count(meter, to);
      }
      if (charge instanceof Charge.Volume) {
        charged = charged == null ? new TreeMap<>(before.charged()) : charged;
        charged.merge(meter, amount, NanoUsd::plus);
      }
      lines.add(new Rated.Line(index, count, free, credits(charge, count), amount));
      gross = gross.plus(amount);
    }

    private void count(String meter, long used) {
      meters = meters == null ? new TreeMap<>(before.meters()) : meters;
      meters.put(meter, used);
    }

    PeriodUsage after() {
      return new PeriodUsage(
          meters == null ? before.meters() : meters,
          charged == null ? before.charged() : charged,
          before.spent(),
          before.trialLeft(),
          before.budgets(),
          before.share());
    }
  }

  /** Divides the price: the trial pays first, then a sponsor, then the tenant up to its ceiling. */
  private static Rated share(
      Plan plan,
      String capability,
      String model,
      PeriodUsage before,
      PeriodUsage counted,
      NanoUsd gross,
      List<Rated.Line> lines) {
    NanoUsd waived = before.trialLeft().map(gross::min).orElse(NanoUsd.ZERO);
    NanoUsd open = gross.minus(waived);
    Optional<Sponsored> sponsored = sponsored(plan, capability, model, before, open);
    NanoUsd own = open.minus(sponsored.map(Sponsored::amount).orElse(NanoUsd.ZERO));
    if (plan.terms().ceiling().isPresent()) {
      NanoUsd ceiling = NanoUsd.ofNanos(before.share().of(plan.terms().ceiling().get().nanos()));
      NanoUsd room = ceiling.minus(before.spent()).max(NanoUsd.ZERO);
      NanoUsd spared = own.minus(own.min(room));
      waived = waived.plus(spared);
      own = own.minus(spared);
    }
    Map<String, NanoUsd> budgets = new TreeMap<>(counted.budgets());
    sponsored.ifPresent(
        part -> budgets.merge(part.budgetId(), part.amount().negated(), NanoUsd::plus));
    NanoUsd trial = before.trialLeft().map(gross::min).orElse(NanoUsd.ZERO);
    PeriodUsage after =
        new PeriodUsage(
            counted.meters(),
            counted.charged(),
            before.spent().plus(own),
            before.trialLeft().map(left -> left.minus(trial)),
            budgets,
            before.share());
    return new Rated.Priced(own, sponsored, waived, lines, after);
  }

  private static Optional<Sponsored> sponsored(
      Plan plan, String capability, String model, PeriodUsage before, NanoUsd open) {
    if (!open.isPositive()) {
      return Optional.empty();
    }
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Grant grant && grant.filter().matches(capability, model)) {
        NanoUsd left = before.budgets().getOrDefault(grant.budgetId(), NanoUsd.ZERO);
        NanoUsd part =
            NanoUsd.rounded(open.toDollars().multiply(grant.percent()), HUNDRED).min(left);
        if (part.isPositive()) {
          return Optional.of(new Sponsored(grant.budgetId(), part));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isCovered(Units units, Map<Unit, Long> covered) {
    return covered.entrySet().stream()
        .allMatch(part -> units.get(part.getKey()) == part.getValue());
  }

  /** The percentage of the price that is left after the discount. */
  private static BigDecimal kept(Plan plan) {
    return plan.terms().discountPercent().map(HUNDRED::subtract).orElse(HUNDRED);
  }

  private static boolean isRunning(Charge.Counted charge) {
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

  private static Optional<BigDecimal> credits(Charge.Counted charge, long count) {
    return charge instanceof Charge.Credits credits
        ? Optional.of(
            credits
                .credits()
                .multiply(BigDecimal.valueOf(count))
                .divide(BigDecimal.valueOf(credits.per()), 9, RoundingMode.HALF_EVEN))
        : Optional.empty();
  }

  /** The price of the units from {@code from} to {@code to} in the period's count. */
  private static NanoUsd amount(Charge.Counted charge, BigDecimal kept, long from, long to) {
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

  private static NanoUsd flat(BigDecimal price, long per, long count, BigDecimal kept) {
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

  private static BigDecimal tierPrice(List<Charge.Tier> tiers, long units) {
    for (Charge.Tier tier : tiers) {
      if (units <= tier.upTo().orElse(Long.MAX_VALUE)) {
        return tier.price();
      }
    }
    throw new IllegalStateException("the last tier has no end");
  }

  /**
   * The most that a job with these units can cost the tenant anywhere in its period, for holds when
   * the usage of the period is unknown. Ignores included units, trials and sponsors, which may be
   * exhausted by then.
   *
   * @return empty when the plan has no price for the job
   */
  public static Optional<NanoUsd> most(Plan plan, String capability, String model, Units units) {
    NanoUsd sum = NanoUsd.ZERO;
    boolean priced = false;
    BigDecimal kept = kept(plan);
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Counted counted && counted.filter().matches(capability, model)) {
        priced = true;
        sum = sum.plus(most(counted, kept, units.get(counted.unit())));
      } else if (charge instanceof Charge.Subscription subscription) {
        priced |=
            subscription.included().stream()
                .anyMatch(part -> part.filter().matches(capability, model));
      }
    }
    if (!priced) {
      return Optional.empty();
    }
    return Optional.of(plan.terms().ceiling().map(sum::min).orElse(sum));
  }

  /**
   * What a job with these units costs the tenant after the usage {@code position}, for holds of a
   * tenant whose included units, trial or sponsor should count.
   *
   * @return empty when the plan has no price for the job
   */
  public static Optional<NanoUsd> most(
      Plan plan, String capability, String model, Units units, PeriodUsage position) {
    return switch (rate(plan, capability, model, units, position)) {
      case Rated.Priced priced -> Optional.of(priced.total());
      case Rated.NoPrice none -> Optional.empty();
    };
  }

  private static NanoUsd most(Charge.Counted charge, BigDecimal kept, long count) {
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

  /**
   * The correction for volume charges at the end of a period: the price of all units at the tier
   * reached, minus what jobs were charged.
   *
   * @return negative when the tenant gets money back
   */
  public static NanoUsd trueUp(Plan plan, PeriodUsage end) {
    NanoUsd sum = NanoUsd.ZERO;
    for (int index = 0; index < plan.charges().size(); index++) {
      if (plan.charges().get(index) instanceof Charge.Volume volume) {
        String meter = Integer.toString(index);
        long units = end.meter(meter);
        NanoUsd whole = flat(tierPrice(volume.tiers(), units), volume.per(), units, kept(plan));
        sum = sum.plus(whole).minus(end.charged().getOrDefault(meter, NanoUsd.ZERO));
      }
    }
    return sum;
  }

  /** The fees of a plan's subscriptions for a part of a period, each rounded once. */
  public static NanoUsd fees(Plan plan, Proration share) {
    NanoUsd sum = NanoUsd.ZERO;
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Subscription subscription) {
        sum =
            sum.plus(
                NanoUsd.rounded(
                    subscription
                        .price()
                        .multiply(kept(plan))
                        .multiply(BigDecimal.valueOf(share.part())),
                    BigDecimal.valueOf(share.whole()).multiply(HUNDRED)));
      }
    }
    return sum;
  }

  /**
   * What the charges of a period lack to the plan's minimum for this part of the period; never
   * negative.
   */
  public static NanoUsd shortfall(Plan plan, Proration share, NanoUsd spent) {
    return plan.terms()
        .minimum()
        .map(least -> NanoUsd.ofNanos(share.of(least.nanos())).minus(spent).max(NanoUsd.ZERO))
        .orElse(NanoUsd.ZERO);
  }
}
