package io.naap.metering.period;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class AnchorsTest {
  private static final Instant NOVEMBER = Instant.parse("2026-11-20T10:00:00Z");

  @Test
  void aChangeHoldsFromTheEndOfThePeriodAndThePeriodAfterItIsShort() {
    Anchors changed = Anchors.CALENDAR.changed(15, NOVEMBER);

    assertThat(changed.period(NOVEMBER)).isEqualTo(Anchors.CALENDAR.period(NOVEMBER));
    Period stub = changed.period(Instant.parse("2026-12-01T00:00:00Z"));
    assertThat(stub)
        .isEqualTo(
            new Period(
                Instant.parse("2026-12-01T00:00:00Z"),
                Instant.parse("2026-12-15T00:00:00Z"),
                Duration.ofDays(30)));
    assertThat(changed.period(stub.end()))
        .isEqualTo(new Period(stub.end(), Instant.parse("2027-01-15T00:00:00Z")));
  }

  @Test
  void aChangeThatHasNotComeYetIsReplacedAndTakenBack() {
    Anchors changed = Anchors.CALENDAR.changed(15, NOVEMBER);

    assertThat(changed.changed(20, NOVEMBER).all()).hasSize(2);
    assertThat(changed.changed(1, NOVEMBER)).isEqualTo(Anchors.CALENDAR);
  }

  @Property
  void periodsHaveNoGapsWhateverIsChanged(
      @ForAll @IntRange(min = 1, max = 31) int first,
      @ForAll @IntRange(min = 1, max = 31) int second,
      @ForAll @IntRange(min = 1, max = 31) int third,
      @ForAll @LongRange(min = 0, max = 400) long days) {
    Anchors anchors =
        Anchors.of(first)
            .changed(second, NOVEMBER)
            .changed(third, NOVEMBER.plus(Duration.ofDays(days)));

    Instant at = Instant.parse("2026-09-01T00:00:00Z");
    for (int period = 0; period < 24; period++) {
      Period one = anchors.period(at);
      assertThat(one.holds(at)).isTrue();
      assertThat(Duration.between(one.start(), one.end())).isLessThanOrEqualTo(one.whole());
      assertThat(anchors.period(one.start())).isEqualTo(one);
      assertThat(anchors.period(one.end()).start()).isEqualTo(one.end());
      at = one.end();
    }
  }
}
