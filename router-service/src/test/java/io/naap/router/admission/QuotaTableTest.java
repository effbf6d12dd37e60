package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What one router decides in memory, and when it asks Redis. */
class QuotaTableTest extends QuotasInMemory {
  @Test
  void asksForJobsAtOnceOnlyWhenMoreRunThanBefore() {
    KeyLimits limits = limits(Optional.empty(), Optional.of(1_000L));
    begin();
    int before = calls;

    for (int at = 1; at <= 1_000; at++) {
      Outcome outcome = ask(limits, Units.of(Unit.REQUESTS, 1));
      assertThat(outcome).isInstanceOf(Outcome.Admitted.class);
      settlement.settle(
          ((Outcome.Admitted) outcome).hold(),
          Units.of(Unit.REQUESTS, 1),
          NanoUsd.ZERO,
          at,
          nanos());
      if (leases.hasDue()) {
        talk();
      }
    }

    // The key's and its tenant's first, and a little more until the peak is known.
    assertThat(calls - before).isLessThan(8);
  }

  @Test
  void nobodyIsRefusedForWhatThisRouterSleptThrough() {
    KeyLimits limits = limits(Optional.of(10L), Optional.empty());
    begin();
    long patience = 3_000_000_000L;
    PendingAdmission first =
        ((Decision.Asking)
                pending.decide(demand("key_1", Limits.ofKey(limits), Units.NONE), nanos()))
            .waiting();
    millis += 11_000;
    PendingAdmission second =
        ((Decision.Asking)
                pending.decide(demand("key_1", Limits.ofKey(limits), Units.NONE), nanos()))
            .waiting();
    millis += 500;

    pending.excuse(11_500_000_000L, nanos());

    assertThat(pending.resolve(first.tenant, patience, nanos()).done()).isEmpty();
    millis += 3_001;
    assertThat(pending.resolve(first.tenant, patience, nanos()).done())
        .containsExactly(first, second);
  }

  /**
   * A share that lasted for the past's twenty seconds only would be too small for half of these.
   */
  @Test
  void rareJobsFindTheirShareThere() {
    KeyLimits limits =
        new KeyLimits(
            Optional.empty(), Optional.of(10_000L), Optional.empty(), List.of(), List.of());
    begin();
    ask(limits, Units.NONE);
    int waited = 0;

    for (int at = 1; at <= 100; at++) {
      millis += at % 4 == 0 ? 12_000 : 1_000;
      table.sweep(nanos());
      while (leases.hasDue()) {
        talk();
      }
      waited += isDecided(limits) ? 0 : 1;
      while (leases.hasDue()) {
        talk();
      }
      pending.resolve(table.known("ten_1"), Long.MAX_VALUE, nanos());
    }

    assertThat(waited).isZero();
  }

  private boolean isDecided(KeyLimits limits) {
    Decision decision = decide("key_1", limits);
    if (decision instanceof Decision.Decided decided) {
      settlement.settle(
          ((Outcome.Admitted) decided.outcome()).hold(), Units.NONE, NanoUsd.ZERO, jobs, nanos());
      return true;
    }
    return false;
  }

  @Test
  void aCallThatFailsOnceRefusesNobodyAndOneThatFailsAgainThoseWhoStillWait() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();
    decide("key_1", limits);
    TenantQuotas tenant = table.known("ten_1");

    assertThat(pending.unanswered(tenant, nanos()).done()).isEmpty();
    decide("key_2", limits);
    assertThat(pending.unanswered(tenant, nanos()).done())
        .extracting(waiting -> waiting.request.keyId())
        .containsExactly("key_1");
    while (leases.hasDue()) {
      talk();
    }

    assertThat(pending.resolve(tenant, Long.MAX_VALUE, nanos()).outcomes())
        .singleElement()
        .isInstanceOf(Outcome.Admitted.class);
    assertThat(pending.unanswered(tenant, nanos()).done()).isEmpty();
  }

  @Test
  void whatFitsIsAdmittedWithoutTheStoreAlthoughAnotherJobWaitsForIt() {
    KeyLimits limits = everGenerations(1_000);
    begin();
    settle(ask(limits, generations(10)), generations(10), 1);
    assertThat(pending.decide(demand("key_1", Limits.ofKey(limits), generations(900)), nanos()))
        .isInstanceOf(Decision.Asking.class);
    Decision small = pending.decide(demand("key_1", Limits.ofKey(limits), generations(1)), nanos());
    TenantQuotas tenant = table.known("ten_1");

    List<Outcome> outcomes = new ArrayList<>();
    outcomes.addAll(pending.unanswered(tenant, nanos()).outcomes());
    assertThat(outcomes).singleElement().isInstanceOf(Outcome.Admitted.class);
    assertThat(small).isInstanceOf(Decision.Asking.class);
    outcomes.addAll(pending.unanswered(tenant, nanos()).outcomes());

    assertThat(outcomes).hasSize(2);
    assertThat(outcomes.getLast())
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE));
  }

  @Test
  void askingTwiceWithOneNameTakesOneHoldAlsoWhileTheStoreIsAsked() {
    begin();
    ReservationRequest demand =
        demand("key_1", Limits.ofKey(everGenerations(1_000)), generations(5));
    pending.decide(demand, nanos());
    pending.decide(demand, nanos());
    while (leases.hasDue()) {
      talk();
    }

    List<Outcome> outcomes =
        pending.resolve(table.known("ten_1"), Long.MAX_VALUE, nanos()).outcomes();

    assertThat(outcomes).hasSize(2).allMatch(Outcome.Admitted.class::isInstance);
    outcomes.forEach(outcome -> settle(outcome, generations(5), 1));
    table.giveAllBack(nanos());
    while (leases.hasDue()) {
      talk();
    }
    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(5);
  }

  @Test
  void aJobThatIsLargerThanALimitIsToldNoTimeToComeBackAt() {
    KeyLimits perDay =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(new UnitRate("pixels", 100)),
            List.of(new Cap("generations", Cap.Window.DAY, 10)));
    begin();

    for (Units units : List.of(generations(11), Units.of(Unit.PIXELS, 101))) {
      assertThat(ask(perDay, units))
          .isInstanceOfSatisfying(
              Outcome.Refused.class, refused -> assertThat(refused.retryAfterSeconds()).isEmpty());
    }
    ask(perDay, generations(10));
    assertThat(ask(perDay, generations(10)))
        .isInstanceOfSatisfying(
            Outcome.Refused.class, refused -> assertThat(refused.retryAfterSeconds()).isPresent());
  }

  @Test
  void aTenantIsRememberedAsEmptyForAMomentAlsoWhereNanosecondsWrap() {
    TenantQuotas tenant = table.in("ten_1", null, 0, (of, nothing, nanos) -> of);
    assertThat(tenant.isEmpty(Long.MAX_VALUE)).isFalse();

    tenant.emptyUntil(Long.MAX_VALUE + 10);

    assertThat(tenant.isEmpty(Long.MAX_VALUE)).isTrue();
    assertThat(tenant.isEmpty(Long.MIN_VALUE + 9)).isFalse();
  }
}
