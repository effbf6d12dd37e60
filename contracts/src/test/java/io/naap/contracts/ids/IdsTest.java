package io.naap.contracts.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Test
  void sortsByTheMillisecondItWasMadeIn() {
    String earlier = at(1_700_000_000_000L, 1).next(IdKind.EVENT);
    String later = at(1_700_000_000_001L, 2).next(IdKind.EVENT);

    assertThat(earlier).isLessThan(later).matches("evt_[0-7][0-9a-hjkmnp-tv-z]{25}");
  }

  /**
   * The relation in the TypeID specification: base 32 of the UUID, here with all random bits zero.
   */
  @Test
  void isAUuidOfVersionSeven() {
    Ids zeros = new Ids(Clock.fixed(Instant.ofEpochMilli(0), ZoneOffset.UTC), () -> 0L);

    assertThat(zeros.next(IdKind.TENANT)).isEqualTo("ten_0000000000" + "e008" + "000000000000");
  }

  @Test
  void knowsItsOwnKindOnly() {
    String id = at(1, 3).next(IdKind.KEY);

    assertThat(IdKind.KEY.matches(id)).isTrue();
    assertThat(IdKind.TENANT.matches(id)).isFalse();
    assertThat(IdKind.KEY.matches(id + "0")).isFalse();
    assertThat(IdKind.KEY.matches("key_../../etc/passwd-000000000")).isFalse();
    assertThat(IdKind.KEY.matches(null)).isFalse();
  }

  private static Ids at(long millis, long seed) {
    return new Ids(Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC), new Random(seed));
  }
}
