package io.naap.contracts.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RatingTest {
  @Test
  void addsEveryMatchingChargeRoundedOnItsOwn() {
    Plan plan =
        plan(
            new Charge.PerRequest(Filter.capability("text-to-image"), new BigDecimal("0.001")),
            new Charge.Usage(
                Filter.EVERYTHING, Unit.PIXELS, 1_000_000, new BigDecimal("0.0000000025")),
            new Charge.PerRequest(Filter.capability("llm"), BigDecimal.ONE));

    Rated rated =
        Rating.rate(
            plan, "text-to-image", "m", Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, 1_000_000));

    assertThat(rated)
        .isEqualTo(
            new Rated.Priced(
                NanoUsd.ofNanos(1_000_002),
                List.of(
                    new Rated.Line(0, NanoUsd.ofNanos(1_000_000)),
                    new Rated.Line(1, NanoUsd.ofNanos(2)))));
  }

  @Test
  void hasNoPriceWhereNoChargeMatches() {
    Plan plan = plan(new Charge.PerRequest(Filter.capability("llm"), BigDecimal.ONE));

    assertThat(Rating.rate(plan, "upscale", "m", Units.of(Unit.REQUESTS, 1)))
        .isEqualTo(new Rated.NoPrice());
  }

  /** Against integer arithmetic written another way: floor division and the tie by hand. */
  @Property
  void chargesMinutesToTheMillisecond(
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long nanosPerMinute,
      @ForAll @LongRange(min = 0, max = 100_000_000) long milliseconds) {
    Charge charge = new Charge.PerMinute(Filter.EVERYTHING, BigDecimal.valueOf(nanosPerMinute, 9));

    BigInteger[] parts =
        BigInteger.valueOf(nanosPerMinute)
            .multiply(BigInteger.valueOf(milliseconds))
            .divideAndRemainder(BigInteger.valueOf(60_000));
    int tie = parts[1].shiftLeft(1).compareTo(BigInteger.valueOf(60_000));
    boolean up = tie > 0 || (tie == 0 && parts[0].testBit(0));
    BigInteger expected = up ? parts[0].add(BigInteger.ONE) : parts[0];

    assertThat(NanoUsd.rounded(charge.price(Units.of(Unit.MILLISECONDS, milliseconds))).nanos())
        .isEqualTo(expected.longValueExact());
  }

  @Test
  void keepsItsModelOnTheWire() {
    Plan plan =
        plan(new Charge.Usage(Filter.capability("llm"), Unit.TOKENS_OUT, 1000, BigDecimal.ONE));
    String json = Json.write(plan);

    assertThat(json).contains("\"model\":\"usage\"", "\"unit\":\"tokens_out\"");
    assertThat(Json.read(json, Plan.class)).isEqualTo(plan);
  }

  private static Plan plan(Charge... charges) {
    return new Plan("pln_1", 1, "test", List.of(charges));
  }
}
