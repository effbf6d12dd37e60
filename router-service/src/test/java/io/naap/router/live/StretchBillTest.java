package io.naap.router.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import org.junit.jupiter.api.Test;

class StretchBillTest {
  private static StretchBill bill(int sequence, long since, long until) {
    return StretchBill.of(new LiveSessions.Step.Stretch(sequence, since, until), 15_000);
  }

  @Test
  void billsTheTimeThatAStretchRan() {
    StretchBill bill = bill(3, 1_000, 11_000);

    assertThat(bill.billed()).isEqualTo(Units.of(Unit.MILLISECONDS, 10_000));
    assertThat(bill.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
    assertThat(bill.isCut()).isFalse();
  }

  @Test
  void countsAStreamAsOneRequestWithItsFirstStretch() {
    assertThat(bill(0, 0, 10).billed().get(Unit.REQUESTS)).isEqualTo(1);
    assertThat(bill(1, 0, 10).billed().get(Unit.REQUESTS)).isZero();
  }

  @Test
  void billsNoMoreThanALateHeartbeatMayAdd() {
    StretchBill bill = bill(1, 0, 60_000);

    assertThat(bill.billed().get(Unit.MILLISECONDS)).isEqualTo(15_000);
    assertThat(bill.ran().get(Unit.MILLISECONDS)).isEqualTo(60_000);
    assertThat(bill.isCut()).isTrue();
  }

  @Test
  void billsNothingForAStretchThatDidNotRun() {
    assertThat(bill(0, 5, 5).billed().isNone()).isTrue();
    assertThat(bill(0, 5, 5).outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(bill(1, 9, 5).billed().isNone()).isTrue();
    assertThat(StretchBill.untaken().status()).isEqualTo(503);
  }
}
