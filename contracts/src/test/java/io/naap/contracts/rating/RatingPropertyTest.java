package io.naap.contracts.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Compares rating with {@link RatingOracle} for random plans and periods. */
class RatingPropertyTest {
  private static final String BUDGET = "bdg_01kaq3v7g8e2nb0p4m6r9t1x5z";
  private static final List<String> CAPABILITIES = List.of("llm", "upscale");
  private static final List<Unit> UNITS = List.of(Unit.REQUESTS, Unit.PIXELS, Unit.MILLISECONDS);

  private record Job(String capability, String model, Units units) {}

  /** A random period, generated from a seed so that one number reproduces a failure. */
  private static final class Period {
    private final Random random;
    private final Plan plan;
    private final PeriodUsage start;
    private final List<Job> jobs = new ArrayList<>();

    Period(long seed, boolean withTerms) {
      random = new Random(seed);
      List<Charge> charges = new ArrayList<>();
      for (int count = 1 + random.nextInt(5); count > 0; count--) {
        charges.add(charge(withTerms));
      }
      plan = new Plan("pln_1", 1, "random", charges, withTerms ? terms() : Terms.NONE);
      int whole = 1 + random.nextInt(31);
      start =
          new PeriodUsage(
              null,
              null,
              null,
              withTerms && random.nextBoolean()
                  ? Optional.of(NanoUsd.ofNanos(random.nextInt(50_000)))
                  : Optional.empty(),
              withTerms ? Map.of(BUDGET, NanoUsd.ofNanos(random.nextInt(100_000))) : null,
              random.nextBoolean()
                  ? Proration.ALL
                  : new Proration(random.nextInt(whole + 1), whole));
      for (int count = random.nextInt(20); count > 0; count--) {
        Units units = Units.NONE;
        for (Unit unit : UNITS) {
          units = units.with(unit, random.nextInt(4) == 0 ? 0 : random.nextInt(40));
        }
        jobs.add(new Job(pick(CAPABILITIES), pick(List.of("a", "b")), units));
      }
    }

    private <T> T pick(List<T> of) {
      return of.get(random.nextInt(of.size()));
    }

    private Filter filter() {
      return new Filter(
          random.nextBoolean() ? Optional.of(pick(CAPABILITIES)) : Optional.empty(),
          random.nextInt(3) == 0 ? Optional.of("a") : Optional.empty());
    }

    /** A price that often ends in half a nano-dollar or less, to test rounding. */
    private BigDecimal price() {
      return switch (random.nextInt(4)) {
        case 0 -> BigDecimal.ZERO;
        case 1 -> BigDecimal.valueOf(random.nextInt(100), 10);
        case 2 -> BigDecimal.valueOf(random.nextInt(100_000), 18);
        default -> BigDecimal.valueOf(random.nextInt(100_000), 9);
      };
    }

    private List<Charge.Tier> tiers() {
      List<Charge.Tier> tiers = new ArrayList<>();
      long end = 0;
      for (int count = random.nextInt(4); count > 0; count--) {
        end += 1 + random.nextInt(30);
        tiers.add(new Charge.Tier(Optional.of(end), price()));
      }
      tiers.add(new Charge.Tier(Optional.empty(), price()));
      return tiers;
    }

    private Charge charge(boolean all) {
      return switch (random.nextInt(all ? 10 : 8)) {
        case 0 -> new Charge.PerRequest(filter(), price());
        case 1 -> new Charge.PerMinute(filter(), price());
        case 2 -> new Charge.PerSecond(filter(), price());
        case 3 -> new Charge.Usage(filter(), pick(UNITS), 1 + random.nextInt(20), price());
        case 4 -> new Charge.Graduated(filter(), pick(UNITS), 1 + random.nextInt(20), tiers());
        case 5 -> new Charge.Volume(filter(), pick(UNITS), 1 + random.nextInt(20), tiers());
        case 6 -> new Charge.Packages(filter(), pick(UNITS), 1 + random.nextInt(20), price());
        case 7 ->
            new Charge.Credits(
                filter(),
                pick(UNITS),
                1 + random.nextInt(20),
                BigDecimal.valueOf(random.nextInt(1000), 3),
                BigDecimal.valueOf(random.nextInt(1000), 6));
        case 8 ->
            new Charge.Grant(filter(), BUDGET, BigDecimal.valueOf(1 + random.nextInt(1000), 1));
        default -> new Charge.Subscription(price(), List.of(included(), included()));
      };
    }

    private Charge.Included included() {
      return new Charge.Included(
          filter(),
          pick(UNITS),
          random.nextInt(5) == 0 ? Optional.empty() : Optional.of((long) random.nextInt(60)));
    }

    private Terms terms() {
      return new Terms(
          random.nextBoolean()
              ? Optional.of(BigDecimal.valueOf(1 + random.nextInt(99_999_999), 6))
              : Optional.empty(),
          Optional.empty(),
          random.nextInt(3) == 0
              ? Optional.of(NanoUsd.ofNanos(random.nextInt(100_000)))
              : Optional.empty(),
          Optional.empty());
    }
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs();
  }

  @Property(tries = 4000)
  void everyJobOfAPeriodCostsWhatTheOracleSays(@ForAll("seeds") long seed) {
    Period period = new Period(seed, true);
    RatingOracle oracle =
        new RatingOracle(
            period.plan,
            period.start.share(),
            period.start.trialLeft().map(NanoUsd::nanos).orElse(0L),
            Map.of(BUDGET, period.start.budgets().get(BUDGET).nanos()));
    PeriodUsage position = period.start;
    long sponsored = 0;
    long waived = 0;
    for (Job job : period.jobs) {
      Rated rated = Rating.rate(period.plan, job.capability, job.model, job.units, position);
      switch (rated) {
        case Rated.NoPrice none -> {
          // The job has no price and is not served, so the oracle must not count it.
          assertThat(Rating.most(period.plan, job.capability, job.model, Units.NONE))
              .satisfiesAnyOf(
                  most -> assertThat(most).isEmpty(),
                  most -> assertThat(most).contains(NanoUsd.ZERO));
          return;
        }
        case Rated.Priced priced -> {
          assertThat(priced.total().nanos())
              .isEqualTo(oracle.job(job.capability, job.model, job.units));
          NanoUsd lines =
              priced.lines().stream().map(Rated.Line::amount).reduce(NanoUsd.ZERO, NanoUsd::plus);
          NanoUsd part = priced.sponsored().map(Sponsored::amount).orElse(NanoUsd.ZERO);
          assertThat(priced.total().plus(part).plus(priced.waived())).isEqualTo(lines);
          assertThat(priced.total())
              .isLessThanOrEqualTo(
                  Rating.most(period.plan, job.capability, job.model, job.units).orElseThrow());
          sponsored += part.nanos();
          waived += priced.waived().nanos();
          position = priced.after();
        }
      }
    }
    assertThat(position.spent().nanos()).isEqualTo(oracle.spent);
    assertThat(sponsored).isEqualTo(oracle.sponsored);
    assertThat(waived).isEqualTo(oracle.waived);
    assertThat(Rating.trueUp(period.plan, position).nanos()).isEqualTo(oracle.trueUp());
  }

  /** The sum of a period, true-up included, does not depend on the order and size of its jobs. */
  @Property(tries = 2000)
  void aPeriodCostsTheSameInAnyOrder(@ForAll("seeds") long seed) {
    Period period = new Period(seed, false);
    List<Job> shuffled = new ArrayList<>(period.jobs);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(total(period, shuffled)).isEqualTo(total(period, period.jobs));
  }

  /** For tiers and packages, n units at once cost as much as n single units, to the nano-dollar. */
  @Property(tries = 2000)
  void unitsCostTheSameInAnyPortions(@ForAll("seeds") long seed) {
    Period period = new Period(seed, false);
    Plan tiered =
        new Plan(
            "pln_1",
            1,
            "tiered",
            period.plan.charges().stream()
                .filter(
                    charge ->
                        charge instanceof Charge.Graduated
                            || charge instanceof Charge.Packages
                            || charge instanceof Charge.Volume)
                .toList());
    Period portions = new Period(seed, false);
    portions.jobs.clear();
    for (Job job : period.jobs) {
      for (Unit unit : UNITS) {
        for (long one = 0; one < job.units.get(unit); one++) {
          portions.jobs.add(new Job(job.capability, job.model, Units.of(unit, 1)));
        }
      }
    }

    assertThat(total(tiered, portions.jobs)).isEqualTo(total(tiered, period.jobs));
  }

  /** The largest values, compared with a formula because counting units would take too long. */
  @Property(tries = 1000)
  void largeAmountsAreExact(@ForAll("seeds") long seed) {
    Random random = new Random(seed);
    long border = random.nextLong(1, 1_000_000_000_000L);
    long before = random.nextLong(0, 1_000_000_000_000L);
    long count = random.nextLong(0, 1_000_000_000_000L);
    BigDecimal low = BigDecimal.valueOf(random.nextLong(0, 1_000_000_000L), 18);
    BigDecimal high = BigDecimal.valueOf(random.nextLong(0, 1_000_000_000L), 18);
    Plan plan =
        new Plan(
            "pln_1",
            1,
            "large",
            List.of(
                new Charge.Graduated(
                    Filter.EVERYTHING,
                    Unit.PIXELS,
                    3,
                    List.of(
                        new Charge.Tier(Optional.of(border), low),
                        new Charge.Tier(Optional.empty(), high)))));
    PeriodUsage position =
        new PeriodUsage(Map.of("0", before), null, null, Optional.empty(), null, Proration.ALL);

    Rated.Priced rated =
        (Rated.Priced) Rating.rate(plan, "c", "m", Units.of(Unit.PIXELS, count), position);

    NanoUsd expected =
        NanoUsd.rounded(sum(before + count, border, low, high))
            .minus(NanoUsd.rounded(sum(before, border, low, high)));
    assertThat(rated.total()).isEqualTo(expected);
    assertThat(rated.total())
        .isLessThanOrEqualTo(
            Rating.most(plan, "c", "m", Units.of(Unit.PIXELS, count)).orElseThrow());
  }

  private static BigDecimal sum(long units, long border, BigDecimal low, BigDecimal high) {
    BigDecimal cheap = low.multiply(BigDecimal.valueOf(Math.min(units, border)));
    BigDecimal rest = high.multiply(BigDecimal.valueOf(Math.max(0, units - border)));
    return cheap.add(rest).divide(BigDecimal.valueOf(3), 40, java.math.RoundingMode.DOWN);
  }

  private static long total(Period period, List<Job> jobs) {
    return total(period.plan, jobs);
  }

  private static long total(Plan plan, List<Job> jobs) {
    PeriodUsage position = PeriodUsage.START;
    for (Job job : jobs) {
      if (Rating.rate(plan, job.capability, job.model, job.units, position)
          instanceof Rated.Priced priced) {
        position = priced.after();
      }
    }
    return position.spent().plus(Rating.trueUp(plan, position)).nanos();
  }
}
