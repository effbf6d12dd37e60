package io.naap.contracts.rating;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      this.kept = UnitPrice.kept(plan);
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
      long from = UnitPrice.isRunning(charge) ? before.meter(meter) : 0;
      long to = Math.addExact(from, count);
      NanoUsd amount = UnitPrice.amount(charge, kept, from, to);
      if (UnitPrice.isRunning(charge)) {
        count(meter, to);
      }
      if (charge instanceof Charge.Volume) {
        charged = charged == null ? new TreeMap<>(before.charged()) : charged;
        charged.merge(meter, amount, NanoUsd::plus);
      }
      lines.add(new Rated.Line(index, count, free, UnitPrice.credits(charge, count), amount));
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
            NanoUsd.rounded(open.toDollars().multiply(grant.percent()), UnitPrice.HUNDRED)
                .min(left);
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
    BigDecimal kept = UnitPrice.kept(plan);
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Counted counted && counted.filter().matches(capability, model)) {
        priced = true;
        sum = sum.plus(UnitPrice.most(counted, kept, units.get(counted.unit())));
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
        NanoUsd whole =
            UnitPrice.flat(
                UnitPrice.tierPrice(volume.tiers(), units),
                volume.per(),
                units,
                UnitPrice.kept(plan));
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
                        .multiply(UnitPrice.kept(plan))
                        .multiply(BigDecimal.valueOf(share.part())),
                    BigDecimal.valueOf(share.whole()).multiply(UnitPrice.HUNDRED)));
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
