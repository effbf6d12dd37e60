package io.naap.router.admission.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.limit.Limits;
import io.naap.router.limit.Policy;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldTest {
  private static Hold hold(Units units, Units most, String window, long abovePercent) {
    return new Hold(
        new ReservationRequest(
            "job-1-0",
            "ten_1",
            "key_1",
            Limits.ofKey(KeyLimits.NONE),
            new ReservationRequest.Amounts(units, most, NanoUsd.ZERO),
            false,
            ReservationRequest.Counts.JOB,
            Duration.ofMinutes(1)),
        null,
        new long[0],
        new long[0],
        window,
        0,
        "",
        abovePercent);
  }

  @Property(tries = 300)
  void billsAboveWhatWasAllowedOnlyUpToTheBound(
      @ForAll @LongRange(min = 1, max = Policy.MAX) long held,
      @ForAll @LongRange(max = Policy.MAX) long measured,
      @ForAll @IntRange(max = 10_000) int percent) {
    Units most = Units.of(Unit.TOKENS_OUT, held).with(Unit.REQUESTS, 1);
    Units units = Units.of(Unit.TOKENS_OUT, 1 + held / 2).with(Unit.REQUESTS, 1);
    Hold hold = hold(units, most, "", percent);

    long billed = hold.billable(Units.of(Unit.TOKENS_OUT, measured)).get(Unit.TOKENS_OUT);

    BigInteger bound =
        BigInteger.valueOf(held)
            .multiply(BigInteger.valueOf(100L + percent))
            .divide(BigInteger.valueOf(100));
    assertThat(BigInteger.valueOf(billed)).isEqualTo(BigInteger.valueOf(measured).min(bound));
  }

  @ParameterizedTest
  @CsvSource({
    "'',         2026-01-31T23:59:59.999Z, 2026-01-31T23:59:59.999Z",
    "2026-01-31, 2026-01-31T10:00:00Z,     2026-01-31T10:00:00Z",
    "2026-02-01, 2026-01-31T23:59:59.999Z, 2026-02-01T00:00:00Z",
    "2026-01-31, 2026-02-01T00:00:00.001Z, 2026-01-31T23:59:59.999Z",
    "2026-02,    2026-01-31T23:59:59.999Z, 2026-02-01T00:00:00Z",
    "2026-01,    2026-02-01T00:00:00.001Z, 2026-01-31T23:59:59.999Z"
  })
  void countsInTheDayOrMonthWhoseCapsAdmittedIt(String window, Instant admitted, Instant counted) {
    assertThat(hold(Units.NONE, Units.NONE, window, 100).countedAt(admitted)).isEqualTo(counted);
  }
}
