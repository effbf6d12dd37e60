package io.naap.contracts.rating;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A second implementation of {@link Rating} to compare with: integers in units of 10^-24 dollars,
 * one unit of usage after the other, ties rounded by hand. Slow, so for small amounts only.
 */
final class RatingOracle {
  private static final BigInteger TEN_24 = BigInteger.TEN.pow(24);

  private final Plan plan;
  private final Proration share;
  private final Map<String, Long> seen = new HashMap<>();
  private final Map<Integer, BigInteger> running = new HashMap<>();
  private final Map<Integer, Long> volumeNanos = new HashMap<>();
  private final Map<String, Long> budgets;
  private long trialLeft;
  long spent;
  long sponsored;
  long waived;

  RatingOracle(Plan plan, Proration share, long trialLeft, Map<String, Long> budgets) {
    this.plan = plan;
    this.share = share;
    this.trialLeft = trialLeft;
    this.budgets = new HashMap<>(budgets);
  }

  /** The tenant's part of a job in nano-dollars; -1 when there is no price. */
  long job(String capability, String model, Units units) {
    Map<Unit, Long> open = new HashMap<>();
    for (Unit unit : Unit.values()) {
      open.put(unit, units.get(unit));
    }
    boolean matched = false;
    boolean included = false;
    for (int index = 0; index < plan.charges().size(); index++) {
      if (plan.charges().get(index) instanceof Charge.Subscription subscription) {
        for (int at = 0; at < subscription.included().size(); at++) {
          Charge.Included part = subscription.included().get(at);
          if (matches(part.filter(), capability, model)) {
            included = true;
            long left = open.get(part.unit());
            for (long unit = 0, all = left; unit < all; unit++) {
              long before = seen.merge(index + "/" + at, 1L, Long::sum) - 1;
              if (part.amount().isEmpty()
                  || before < part.amount().get() * share.part() / share.whole()) {
                left--;
              }
            }
            open.put(part.unit(), left);
          }
        }
      }
    }
    long gross = 0;
    for (int index = 0; index < plan.charges().size(); index++) {
      Charge charge = plan.charges().get(index);
      if (charge instanceof Charge.Counted counted && matches(charge.filter(), capability, model)) {
        matched = true;
        gross += line(index, counted, open.get(counted.unit()));
      }
    }
    if (!matched && !(included && isAllCovered(units, open, capability, model))) {
      return -1;
    }
    return pay(capability, model, gross);
  }

  private boolean isAllCovered(Units units, Map<Unit, Long> open, String capability, String model) {
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Subscription subscription) {
        for (Charge.Included part : subscription.included()) {
          if (matches(part.filter(), capability, model)
              && units.get(part.unit()) > 0
              && open.get(part.unit()) > 0) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private long pay(String capability, String model, long gross) {
    long free = Math.min(gross, trialLeft);
    trialLeft -= free;
    waived += free;
    long open = gross - free;
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Grant grant
          && matches(grant.filter(), capability, model)
          && open > 0
          && budgets.getOrDefault(grant.budgetId(), 0L) > 0) {
        long part =
            Math.min(
                budgets.get(grant.budgetId()),
                halfEven(
                    BigInteger.valueOf(open)
                        .multiply(grant.percent().movePointRight(6).toBigIntegerExact()),
                    BigInteger.valueOf(100_000_000)));
        if (part > 0) {
          budgets.merge(grant.budgetId(), -part, Long::sum);
          sponsored += part;
          open -= part;
          break;
        }
      }
    }
    if (plan.terms().ceiling().isPresent()) {
      long ceiling = plan.terms().ceiling().get().nanos() * share.part() / share.whole();
      long cut = Math.max(0, Math.min(open, spent + open - ceiling));
      waived += cut;
      open -= cut;
    }
    spent += open;
    return open;
  }

  /** A price in units of 10^-24 dollars, times the part of 100,000,000 that the discount leaves. */
  private BigInteger price(java.math.BigDecimal price) {
    BigInteger kept =
        plan.terms()
            .discountPercent()
            .map(
                percent ->
                    BigInteger.valueOf(100_000_000)
                        .subtract(percent.movePointRight(6).toBigIntegerExact()))
            .orElse(BigInteger.valueOf(100_000_000));
    return price.movePointRight(24).toBigIntegerExact().multiply(kept);
  }

  private long nanos(BigInteger sum, long per) {
    return halfEven(
        sum,
        TEN_24
            .divide(BigInteger.TEN.pow(9))
            .multiply(BigInteger.valueOf(100_000_000))
            .multiply(BigInteger.valueOf(per)));
  }

  private long line(int index, Charge.Counted charge, long count) {
    return switch (charge) {
      case Charge.PerRequest each -> flat(each.price(), 1, count);
      case Charge.PerMinute each -> flat(each.price(), 60_000, count);
      case Charge.PerSecond each -> flat(each.price(), 1_000, count);
      case Charge.Usage each -> flat(each.price(), each.per(), count);
      case Charge.Credits each ->
          flat(each.credits().multiply(each.creditPrice()), each.per(), count);
      case Charge.Graduated tiered -> {
        BigInteger before = running.getOrDefault(index, BigInteger.ZERO);
        BigInteger after = before;
        for (long unit = 0; unit < count; unit++) {
          long number = seen.merge("g" + index, 1L, Long::sum);
          after = after.add(price(tier(tiered.tiers(), number).price()));
        }
        running.put(index, after);
        yield nanos(after, tiered.per()) - nanos(before, tiered.per());
      }
      case Charge.Volume tiered -> {
        long end = seen.merge("v" + index, count, Long::sum);
        long nanos = flat(tier(tiered.tiers(), end).price(), tiered.per(), count);
        volumeNanos.merge(index, nanos, Long::sum);
        yield nanos;
      }
      case Charge.Packages pack -> {
        BigInteger before = running.getOrDefault(index, BigInteger.ZERO);
        BigInteger after = before;
        for (long unit = 0; unit < count; unit++) {
          if ((seen.merge("p" + index, 1L, Long::sum) - 1) % pack.size() == 0) {
            after = after.add(price(pack.price()));
          }
        }
        running.put(index, after);
        yield nanos(after, 1) - nanos(before, 1);
      }
    };
  }

  long trueUp() {
    long sum = 0;
    for (Map.Entry<Integer, Long> one : volumeNanos.entrySet()) {
      Charge.Volume volume = (Charge.Volume) plan.charges().get(one.getKey());
      long units = seen.get("v" + one.getKey());
      sum += flat(tier(volume.tiers(), units).price(), volume.per(), units) - one.getValue();
    }
    return sum;
  }

  private long flat(java.math.BigDecimal price, long per, long count) {
    return nanos(price(price).multiply(BigInteger.valueOf(count)), per);
  }

  /** The tier of the unit with this number, counted from 1. */
  private static Charge.Tier tier(List<Charge.Tier> tiers, long number) {
    int at = 0;
    while (tiers.get(at).upTo().isPresent() && number > tiers.get(at).upTo().get()) {
      at++;
    }
    return tiers.get(at);
  }

  private static boolean matches(Filter filter, String capability, String model) {
    return (filter.capability().isEmpty() || filter.capability().get().equals(capability))
        && (filter.model().isEmpty() || filter.model().get().equals(model));
  }

  private static long halfEven(BigInteger value, BigInteger divisor) {
    BigInteger[] parts = value.divideAndRemainder(divisor);
    int tie = parts[1].shiftLeft(1).compareTo(divisor);
    boolean up = tie > 0 || (tie == 0 && parts[0].testBit(0));
    return (up ? parts[0].add(BigInteger.ONE) : parts[0]).longValueExact();
  }
}
