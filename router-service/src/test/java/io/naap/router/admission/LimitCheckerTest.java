package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.keys.KeyLimits;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.ReservationRequest;
import org.junit.jupiter.api.Test;

class LimitCheckerTest {
  private final OneRouter router = new OneRouter();

  private PendingAdmission waiting(KeyLimits limits, long generations, long cost) {
    return ((Decision.Asking)
            router.pending.decide(router.request(limits, generations, cost), router.nanos()))
        .waiting();
  }

  private LimitChecker.Verdict verdict(PendingAdmission waiting) {
    LimitChecker checker = new LimitChecker(router.holds, 100);
    return router.table.in(
        waiting.tenant, waiting, router.nanos(), (of, one, now) -> checker.checkAgain(one, 1, now));
  }

  private static Outcome.Refused refused(LimitChecker.Verdict verdict) {
    return (Outcome.Refused) ((Decision.Decided) verdict).outcome();
  }

  @Test
  void asksRedisForTheFirstJobOfAKeyAndDecidesTheNextInMemory() {
    KeyLimits limits = OneRouter.lifetime(1_000);
    assertThat(waiting(limits, 1, 0)).isNotNull();
    router.callWhileDue();
    router.pending.resolve(router.table.known("ten_1"), Long.MAX_VALUE, router.nanos());

    assertThat(router.pending.decide(router.request(limits, 1, 0), router.nanos()))
        .isInstanceOfSatisfying(
            Decision.Decided.class,
            decided -> assertThat(decided.outcome()).isInstanceOf(Outcome.Admitted.class));
  }

  @Test
  void refusesAJobThatIsLargerThanTheLimitAndNamesThePolicy() {
    PendingAdmission waiting = waiting(OneRouter.lifetime(10), 11, 0);
    router.callWhileDue();

    Outcome.Refused refused = refused(verdict(waiting));

    assertThat(refused.reason()).isEqualTo(Outcome.Reason.LIMIT);
    assertThat(refused.violatedPolicies()).containsExactly("key-lifetime-generations");
    assertThat(refused.retryAfterSeconds()).isEmpty();
  }

  @Test
  void asksTheLedgerForMoneyOnceAndRefusesWhenItHasNone() {
    PendingAdmission waiting = waiting(KeyLimits.NONE, 1, 100);
    router.callWhileDue();
    assertThat(verdict(waiting)).isEqualTo(LimitChecker.Open.LEDGER);

    waiting.refilled = true;

    assertThat(refused(verdict(waiting)).reason()).isEqualTo(Outcome.Reason.NO_MONEY);
  }

  @Test
  void decidesNothingAgainstAJobWhileTheLedgerIsAsked() {
    PendingAdmission waiting = waiting(KeyLimits.NONE, 1, 100);
    waiting.refilling = true;
    router.callWhileDue();

    assertThat(verdict(waiting)).isEqualTo(LimitChecker.Open.NOBODY);
  }

  @Test
  void doesNotDecideAJobByAnAnswerToAnEarlierCall() {
    KeyLimits limits = OneRouter.lifetime(10);
    PendingAdmission first = waiting(limits, 10, 0);
    router.callWhileDue();
    router.pending.resolve(first.tenant, Long.MAX_VALUE, router.nanos());
    router.millis += 1_000;

    PendingAdmission second = waiting(limits, 1, 0);

    assertThat(verdict(second)).isEqualTo(LimitChecker.Open.REDIS);
  }

  @Test
  void tellsAJobToComeBackWhenItsPatienceIsOver() {
    PendingAdmission waiting = waiting(OneRouter.lifetime(10), 1, 0);
    router.millis += 1;

    assertThat(refused(verdict(waiting)).reason()).isEqualTo(Outcome.Reason.UNAVAILABLE);
  }

  @Test
  void givesOneHoldToARequestThatAsksTwice() {
    ReservationRequest request = router.request(OneRouter.lifetime(10), 3, 0);
    router.pending.decide(request, router.nanos());
    router.callWhileDue();
    Outcome first =
        router
            .pending
            .resolve(router.table.known("ten_1"), Long.MAX_VALUE, router.nanos())
            .outcomes()
            .getFirst();

    Decision again = router.pending.decide(request, router.nanos());

    assertThat(((Outcome.Admitted) ((Decision.Decided) again).outcome()).hold())
        .isSameAs(((Outcome.Admitted) first).hold());
  }

  @Test
  void refusesAPercentageThatCannotBeMeant() {
    assertThatThrownBy(() -> new LimitChecker(new OpenHolds(), 10_001))
        .hasMessageContaining("naap.admission.settle-above-percent");
  }
}
