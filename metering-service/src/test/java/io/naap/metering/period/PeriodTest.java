package io.naap.metering.period;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PeriodTest {
  @Test
  void anAnniversaryOnThe31stIsTheLastDayOfAShorterMonth() {
    assertThat(Period.of(31, Instant.parse("2026-03-01T00:00:00Z")))
        .isEqualTo(
            new Period(
                Instant.parse("2026-02-28T00:00:00Z"), Instant.parse("2026-03-31T00:00:00Z")));
  }

  @Property
  void periodsFollowEachOtherWithoutGaps(
      @ForAll @IntRange(min = 1, max = 31) int anchor,
      @ForAll @LongRange(min = 0, max = 4_000_000_000L) long second) {
    Instant at = Instant.ofEpochSecond(second);

    Period period = Period.of(anchor, at);

    assertThat(period.holds(at)).isTrue();
    assertThat(Period.of(anchor, period.end()).start()).isEqualTo(period.end());
    assertThat(Period.of(anchor, period.start())).isEqualTo(period);
    assertThat(Period.of(anchor, period.end().minusNanos(1))).isEqualTo(period);
  }
}
