package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.quota.Hold;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReservationSettlementTest {
  private static final KeyLimits CAP = OneRouter.lifetime(100);

  private final OneRouter router = new OneRouter();

  private boolean settle(Hold hold, long generations) {
    return router.settlement.settle(
        hold, Units.of(Unit.GENERATIONS, generations), NanoUsd.ZERO, 1, router.nanos());
  }

  @Test
  void settlesOnceAndGivesBackWhatWasNotUsed() {
    Hold hold = router.hold(CAP, 10);

    assertThat(settle(hold, 4)).isTrue();
    assertThat(settle(hold, 4)).isFalse();

    assertThat(router.holds.size()).isZero();
    assertThat(router.countedByRedis()).isEqualTo(4);
  }

  @Test
  void debitsWhatWasUsedBeyondTheHold() {
    settle(router.hold(CAP, 10), 25);

    assertThat(router.countedByRedis()).isEqualTo(25);
  }

  @Test
  void givesAHoldBackThatNobodySettlesAndDebitsItInFullWhenItIsSettledLater() {
    Hold hold = router.hold(CAP, 10);
    router.millis += Duration.ofMinutes(10).toMillis();

    assertThat(router.settlement.expire(router.nanos())).isEqualTo(1);
    assertThat(router.settlement.expire(router.nanos())).isZero();
    assertThat(router.holds.size()).isZero();
    assertThat(settle(hold, 7)).isTrue();

    // The first call after so long finds that the router's lease is over.
    router.callWhileDue();
    assertThat(router.countedByRedis()).isEqualTo(7);
  }

  @Test
  void freesAConcurrencySlotWhenItsJobIsSettled() {
    KeyLimits one = OneRouter.atOnce(1);
    Hold hold = router.hold(one, 0);
    assertThat(router.admit(one, 0)).isInstanceOf(Outcome.Refused.class);

    settle(hold, 0);
    router.millis += 300;

    assertThat(router.admit(one, 0)).isInstanceOf(Outcome.Admitted.class);
  }

  @Test
  void releasesASlotThatIsNotThereWithoutHarm() {
    router.settlement.releaseSlot("req_1-place");

    assertThat(router.holds.size()).isZero();
  }
}
