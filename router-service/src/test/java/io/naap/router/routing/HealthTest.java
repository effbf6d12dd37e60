package io.naap.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HealthTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Health.Rules RULES =
      new Health.Rules(5, 10 * SECOND, 20, 50, 5 * SECOND, 60 * SECOND);

  private final Health health = new Health();

  /** Fails until it is ejected; for how many seconds. */
  private long fail(int times, long nanos) {
    long length = 0;
    for (int at = 0; at < times; at++) {
      length = Math.max(length, health.failed(RULES, true, nanos));
    }
    return length / SECOND;
  }

  @Test
  void fiveFailuresInARowEject() {
    assertThat(fail(4, 0)).isZero();
    assertThat(health.isEjected()).isFalse();

    assertThat(fail(1, 0)).isEqualTo(5);
    assertThat(health.isEjected()).isTrue();
  }

  @Test
  void aSuccessBetweenThemStartsTheRowAnew() {
    fail(4, 0);
    health.succeeded(0);

    assertThat(fail(4, 0)).isZero();
  }

  @Test
  void halfOfManyJobsFailingEjects() {
    long length = 0;
    for (int at = 0; at < 10; at++) {
      health.succeeded(SECOND);
      length = Math.max(length, health.failed(RULES, true, SECOND));
    }

    assertThat(length).isEqualTo(5 * SECOND);
  }

  @Test
  void failuresOfAnOldWindowDoNotCount() {
    fail(4, 0);

    assertThat(fail(4, 11 * SECOND)).isZero();
  }

  @Test
  void isNotEjectedWhenTooManyOthersAre() {
    for (int at = 0; at < 50; at++) {
      assertThat(health.failed(RULES, false, at)).isZero();
    }

    assertThat(health.isEjected()).isFalse();
  }

  @Test
  void takesOneProbeASecondWhenItsTimeIsOver() {
    fail(5, 0);

    assertThat(health.takesProbe(4 * SECOND)).isFalse();
    assertThat(health.takesProbe(5 * SECOND)).isTrue();
    assertThat(health.takesProbe(5 * SECOND + 1)).isFalse();
    assertThat(health.takesProbe(6 * SECOND)).isTrue();
  }

  @Test
  void aGoodProbeBringsItBackAndWhatRanBeforeDoesNot() {
    fail(5, 0);

    assertThat(health.succeeded(SECOND)).isFalse();
    assertThat(health.isEjected()).isTrue();
    assertThat(health.succeeded(5 * SECOND)).isTrue();
    assertThat(health.isEjected()).isFalse();
  }

  @Test
  void eachFailedProbeDoublesTheTimeUpToAMinute() {
    long now = 0;
    long length = fail(5, now);
    for (long expected : new long[] {10, 20, 40, 60, 60}) {
      now += length * SECOND;
      length = fail(1, now);
      assertThat(length).isEqualTo(expected);
      assertThat(fail(3, now + 1)).isZero();
    }
  }

  @Test
  void afterALongGoodTimeTheNextEjectionIsTheFirst() {
    fail(5, 0);
    fail(1, 5 * SECOND);
    health.succeeded(15 * SECOND);

    assertThat(fail(5, 16 * SECOND)).isEqualTo(20);
    health.succeeded(36 * SECOND);
    assertThat(fail(5, 97 * SECOND)).isEqualTo(5);
  }
}
