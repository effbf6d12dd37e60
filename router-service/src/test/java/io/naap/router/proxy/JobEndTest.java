package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import org.junit.jupiter.api.Test;

class JobEndTest {
  private static final Units SOME = Units.of(Unit.REQUESTS, 1);

  @Test
  void nothingIsBilledOfAJobThatFailed() {
    JobEnd end = JobEnd.failed(Refusal.of(502, "gateway_failed", "x"));

    assertThat(end.units().isNone()).isTrue();
    assertThat(end.refusal()).contains("gateway_failed");
    assertThat(end.isSuccess()).isFalse();
  }

  @Test
  void aBrokenAnswerIsPartialWhenSomethingOfItIsBilled() {
    assertThat(JobEnd.brokenOff(200, SOME).outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(JobEnd.brokenOff(200, Units.NONE).outcome()).isEqualTo(JobOutcome.FAILED);
  }

  @Test
  void nobodyWasAnsweredWhoLeft() {
    JobEnd billed = JobEnd.succeeded(200, SOME).forClientThatLeft();
    JobEnd free = JobEnd.failed(Refusal.of(503, "no_capacity", "x")).forClientThatLeft();

    assertThat(billed).isEqualTo(JobEnd.abandoned(SOME));
    assertThat(free.status()).isEqualTo(499);
    assertThat(free.outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(free.refusal()).contains("no_capacity");
  }

  @Test
  void outcomesAreWrittenAsMeteringReadsThem() {
    assertThat(JobOutcome.values())
        .extracting(JobOutcome::word)
        .containsExactly("failed", "partial", "succeeded");
  }
}
