package io.naap.contracts.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class UnknownKeyLimitTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public java.time.ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }
      };

  @Test
  void limitsOneAddressForAMinuteAndNoOther() {
    UnknownKeyLimit limit = new UnknownKeyLimit(3, clock);
    for (int i = 0; i < 3; i++) {
      assertThat(limit.mayAsk("a")).isTrue();
    }

    assertThat(limit.mayAsk("a")).isFalse();
    assertThat(limit.mayAsk("b")).isTrue();
    now = now.plusSeconds(limit.secondsLeft());
    assertThat(limit.mayAsk("a")).isTrue();
  }

  @Test
  void keysThatExistAreNotCounted() {
    UnknownKeyLimit limit = new UnknownKeyLimit(2, clock);
    for (int i = 0; i < 100; i++) {
      assertThat(limit.mayAsk("a")).isTrue();
      limit.forget("a");
    }
  }
}
