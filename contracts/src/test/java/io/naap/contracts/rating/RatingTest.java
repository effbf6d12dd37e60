package io.naap.contracts.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RatingTest {
  private static final String BUDGET = "bdg_01kaq3v7g8e2nb0p4m6r9t1x5z";

  @Test
  void addsEveryMatchingChargeRoundedOnItsOwn() {
    Plan plan =
        plan(
            new Charge.PerRequest(Filter.capability("text-to-image"), new BigDecimal("0.001")),
            new Charge.Usage(
                Filter.EVERYTHING, Unit.PIXELS, 1_000_000, new BigDecimal("0.0000000025")),
            new Charge.PerRequest(Filter.capability("llm"), BigDecimal.ONE));

    Rated.Priced rated =
        priced(plan, Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, 1_000_000), PeriodUsage.START);

    assertThat(rated.total()).isEqualTo(NanoUsd.ofNanos(1_000_002));
    assertThat(rated.lines())
        .containsExactly(
            new Rated.Line(0, 1, 0, Optional.empty(), NanoUsd.ofNanos(1_000_000)),
            new Rated.Line(1, 1_000_000, 0, Optional.empty(), NanoUsd.ofNanos(2)));
  }

  @Test
  void hasNoPriceWhereNoChargeMatches() {
    Plan plan = plan(new Charge.PerRequest(Filter.capability("llm"), BigDecimal.ONE));

    assertThat(Rating.rate(plan, "upscale", "m", Units.of(Unit.REQUESTS, 1)))
        .isEqualTo(new Rated.NoPrice());
    assertThat(Rating.most(plan, "upscale", "m", Units.of(Unit.REQUESTS, 1))).isEmpty();
  }

  /**
   * Compares with a second implementation in integer arithmetic: floor division and ties by hand.
   */
  @Property
  void chargesMinutesToTheMillisecond(
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long nanosPerMinute,
      @ForAll @LongRange(min = 0, max = 100_000_000) long milliseconds) {
    Plan plan =
        plan(new Charge.PerMinute(Filter.EVERYTHING, BigDecimal.valueOf(nanosPerMinute, 9)));

    BigInteger[] parts =
        BigInteger.valueOf(nanosPerMinute)
            .multiply(BigInteger.valueOf(milliseconds))
            .divideAndRemainder(BigInteger.valueOf(60_000));
    int tie = parts[1].shiftLeft(1).compareTo(BigInteger.valueOf(60_000));
    boolean up = tie > 0 || (tie == 0 && parts[0].testBit(0));
    BigInteger expected = up ? parts[0].add(BigInteger.ONE) : parts[0];

    assertThat(
            priced(plan, Units.of(Unit.MILLISECONDS, milliseconds), PeriodUsage.START)
                .total()
                .nanos())
        .isEqualTo(expected.longValueExact());
  }

  @Test
  void chargesEachUnitAtTheTierItIsIn() {
    Plan plan =
        plan(
            new Charge.Graduated(
                Filter.EVERYTHING,
                Unit.REQUESTS,
                1,
                List.of(tier(10, "1"), tier(20, "0.5"), last("0.1"))));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 9), PeriodUsage.START);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 12), first.after());

    assertThat(first.total()).isEqualTo(NanoUsd.ofDollars(9));
    // The 10th unit costs 1, the 11th to 20th cost 0.50, the 21st costs 0.10.
    assertThat(second.total()).isEqualTo(NanoUsd.parse("6.1"));
  }

  @Test
  void chargesAllUnitsOfAPeriodAtTheTierTheirSumEndsIn() {
    Plan plan =
        plan(
            new Charge.Volume(
                Filter.EVERYTHING, Unit.REQUESTS, 1, List.of(tier(10, "1"), last("0.5"))));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 10), PeriodUsage.START);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 1), first.after());

    assertThat(first.total()).isEqualTo(NanoUsd.ofDollars(10));
    assertThat(second.total()).isEqualTo(NanoUsd.parse("0.5"));
    assertThat(Rating.trueUp(plan, first.after())).isEqualTo(NanoUsd.ZERO);
    assertThat(Rating.trueUp(plan, second.after())).isEqualTo(NanoUsd.parse("-5"));
  }

  @Test
  void chargesPackagesWhenTheyAreBegun() {
    Plan plan = plan(new Charge.Packages(Filter.EVERYTHING, Unit.REQUESTS, 100, BigDecimal.TWO));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 1), PeriodUsage.START);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 99), first.after());
    Rated.Priced third = priced(plan, Units.of(Unit.REQUESTS, 1), second.after());

    assertThat(List.of(first.total(), second.total(), third.total()))
        .containsExactly(NanoUsd.ofDollars(2), NanoUsd.ZERO, NanoUsd.ofDollars(2));
  }

  @Test
  void countsOnlyWhatASubscriptionDoesNotInclude() {
    Plan plan =
        plan(
            new Charge.Subscription(
                BigDecimal.TEN,
                List.of(new Charge.Included(Filter.EVERYTHING, Unit.REQUESTS, Optional.of(5L)))),
            new Charge.PerRequest(Filter.EVERYTHING, BigDecimal.ONE));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 3), PeriodUsage.START);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 3), first.after());
    Rated.Priced half =
        priced(plan, Units.of(Unit.REQUESTS, 3), PeriodUsage.START.withShare(new Proration(1, 2)));

    assertThat(first.total()).isEqualTo(NanoUsd.ZERO);
    assertThat(second.total()).isEqualTo(NanoUsd.ofDollars(1));
    assertThat(half.total()).isEqualTo(NanoUsd.ofDollars(1));
    assertThat(Rating.fees(plan, new Proration(1, 3))).isEqualTo(NanoUsd.parse("3.333333333"));
    assertThat(plan.dependsOnPosition()).isTrue();
  }

  @Test
  void aSubscriptionAloneHasAPriceOnlyForWhatItIncludes() {
    Plan plan =
        plan(
            new Charge.Subscription(
                BigDecimal.TEN,
                List.of(new Charge.Included(Filter.EVERYTHING, Unit.REQUESTS, Optional.of(1L)))));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 1), PeriodUsage.START);

    assertThat(first.total()).isEqualTo(NanoUsd.ZERO);
    assertThat(Rating.rate(plan, "text-to-image", "m", Units.of(Unit.REQUESTS, 1), first.after()))
        .isEqualTo(new Rated.NoPrice());
  }

  @Test
  void aSponsorPaysUntilItsBudgetEnds() {
    Plan plan =
        plan(
            new Charge.Grant(Filter.EVERYTHING, BUDGET, BigDecimal.valueOf(100)),
            new Charge.PerRequest(Filter.EVERYTHING, BigDecimal.ONE));
    PeriodUsage position = PeriodUsage.START.withBudgets(Map.of(BUDGET, NanoUsd.parse("1.5")));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 1), position);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 1), first.after());
    Rated.Priced third = priced(plan, Units.of(Unit.REQUESTS, 1), second.after());

    assertThat(first.total()).isEqualTo(NanoUsd.ZERO);
    assertThat(first.sponsored()).contains(new Sponsored(BUDGET, NanoUsd.ofDollars(1)));
    assertThat(second.total()).isEqualTo(NanoUsd.parse("0.5"));
    assertThat(third.sponsored()).isEmpty();
    assertThat(third.total()).isEqualTo(NanoUsd.ofDollars(1));
  }

  @Test
  void aTrialThenTheCeilingSpareTheTenant() {
    Plan plan =
        new Plan(
            "pln_1",
            1,
            "test",
            List.of(new Charge.PerRequest(Filter.EVERYTHING, BigDecimal.TEN)),
            new Terms(
                Optional.of(BigDecimal.valueOf(50)),
                Optional.of(NanoUsd.ofDollars(100)),
                Optional.of(NanoUsd.ofDollars(7)),
                Optional.of(new Terms.Trial(14, Optional.of(NanoUsd.ofDollars(3))))));
    PeriodUsage trial = PeriodUsage.START.withTrialLeft(Optional.of(NanoUsd.ofDollars(3)));

    Rated.Priced first = priced(plan, Units.of(Unit.REQUESTS, 1), trial);
    Rated.Priced second = priced(plan, Units.of(Unit.REQUESTS, 1), first.after());
    Rated.Priced third = priced(plan, Units.of(Unit.REQUESTS, 1), second.after());

    assertThat(first.total()).isEqualTo(NanoUsd.ofDollars(2));
    assertThat(second.total()).isEqualTo(NanoUsd.ofDollars(5));
    assertThat(third.total()).isEqualTo(NanoUsd.ZERO);
    assertThat(third.waived()).isEqualTo(NanoUsd.ofDollars(5));
    assertThat(Rating.shortfall(plan, Proration.ALL, NanoUsd.ofDollars(7)))
        .isEqualTo(NanoUsd.ofDollars(93));
  }

  @Test
  void countsCreditsOnTheWay() {
    Plan plan =
        plan(
            new Charge.Credits(
                Filter.EVERYTHING,
                Unit.GENERATIONS,
                1,
                BigDecimal.valueOf(5),
                new BigDecimal("0.01")));

    Rated.Priced rated = priced(plan, Units.of(Unit.GENERATIONS, 3), PeriodUsage.START);

    assertThat(rated.total()).isEqualTo(NanoUsd.parse("0.15"));
    assertThat(rated.lines().getFirst().credits().orElseThrow()).isEqualByComparingTo("15");
  }

  @Test
  void throwsWhenAnAmountLeavesItsRange() {
    Plan plan =
        plan(new Charge.Usage(Filter.EVERYTHING, Unit.PIXELS, 1, BigDecimal.valueOf(1_000_000)));

    assertThatThrownBy(() -> Rating.rate(plan, "c", "m", Units.of(Unit.PIXELS, 1_000_000_000_000L)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void keepsItsModelOnTheWire() {
    Plan plan =
        new Plan(
            "pln_1",
            1,
            "test",
            List.of(
                new Charge.Usage(Filter.capability("llm"), Unit.TOKENS_OUT, 1000, BigDecimal.ONE),
                new Charge.PerSecond(Filter.EVERYTHING, BigDecimal.ONE),
                new Charge.Graduated(
                    Filter.EVERYTHING, Unit.PIXELS, 7, List.of(tier(3, "2"), last("1"))),
                new Charge.Volume(Filter.EVERYTHING, Unit.PIXELS, 7, List.of(last("1"))),
                new Charge.Packages(Filter.EVERYTHING, Unit.PIXELS, 7, BigDecimal.ONE),
                new Charge.Credits(
                    Filter.EVERYTHING, Unit.PIXELS, 7, BigDecimal.ONE, BigDecimal.TWO),
                new Charge.Subscription(
                    BigDecimal.ONE,
                    List.of(new Charge.Included(Filter.EVERYTHING, Unit.PIXELS, Optional.of(1L)))),
                new Charge.Grant(Filter.EVERYTHING, BUDGET, BigDecimal.TEN)),
            new Terms(
                Optional.of(BigDecimal.ONE),
                Optional.of(NanoUsd.ofDollars(1)),
                Optional.empty(),
                Optional.of(new Terms.Trial(3, Optional.empty()))));
    String json = Json.write(plan);

    assertThat(json).contains("\"model\":\"usage\"", "\"unit\":\"tokens_out\"");
    assertThat(Json.read(json, Plan.class)).isEqualTo(plan);
  }

  @Test
  void readsAPlanAsItWasWrittenBeforeThereWereTerms() {
    Plan plan =
        Json.read(
            "{\"id\":\"pln_1\",\"version\":1,\"name\":\"n\",\"charges\":[{\"model\":\"per_request\","
                + "\"filter\":{\"capability\":\"llm\"},\"price\":0.001}]}",
            Plan.class);

    assertThat(plan.terms()).isEqualTo(Terms.NONE);
    assertThat(plan.charges().getFirst().filter()).isEqualTo(Filter.capability("llm"));
  }

  @Test
  void keepsAPositionOnTheWire() {
    PeriodUsage position =
        new PeriodUsage(
            Map.of("1", 5L),
            Map.of("1", NanoUsd.ofNanos(3)),
            NanoUsd.ofNanos(4),
            Optional.of(NanoUsd.ZERO),
            Map.of(BUDGET, NanoUsd.ofNanos(9)),
            new Proration(1, 3));

    assertThat(Json.read(Json.write(position), PeriodUsage.class)).isEqualTo(position);
    assertThat(Json.read(Json.write(PeriodUsage.START), PeriodUsage.class))
        .isEqualTo(PeriodUsage.START);
  }

  private static Rated.Priced priced(Plan plan, Units units, PeriodUsage position) {
    return (Rated.Priced) Rating.rate(plan, "text-to-image", "m", units, position);
  }

  private static Charge.Tier tier(long upTo, String price) {
    return new Charge.Tier(Optional.of(upTo), new BigDecimal(price));
  }

  private static Charge.Tier last(String price) {
    return new Charge.Tier(Optional.empty(), new BigDecimal(price));
  }

  private static Plan plan(Charge... charges) {
    return new Plan("pln_1", 1, "test", List.of(charges));
  }
}
