package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.LimitOverrides;
import io.naap.router.limit.Limits;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Limits that are taken away, set again, cut or overridden while jobs run. */
class ChangedLimitsTest extends QuotasInMemory {
  @Test
  void aLimitOfJobsAtOnceThatIsTakenAwayAndSetAgainHasAllItsPlaces() {
    Limits limited = Limits.ofKey(limits(Optional.empty(), Optional.of(2L)));
    Limits free = new Limits(KeyLimits.NONE, KeyLimits.NONE, KeyLimits.NONE, 100);
    begin();
    settle(ask("key_1", limited, Units.NONE), Units.NONE, 1);
    settle(ask("key_1", free, Units.NONE), Units.NONE, 2);
    millis += 16_000;
    table.sweep(nanos());
    while (leases.hasDue()) {
      talk();
    }

    assertThat(ask("key_1", limited, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask("key_1", limited, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask("key_1", limited, Units.NONE)).isInstanceOf(Outcome.Refused.class);
  }

  private static Limits ofTenant(KeyLimits limits) {
    return new Limits(KeyLimits.NONE, limits, KeyLimits.NONE, 0);
  }

  @Test
  void aLimitOfTheTenantHoldsForEachKeyWhateverAnotherOneWasAskedWith() {
    Limits before = ofTenant(limits(Optional.of(10L), Optional.empty()));
    Limits cut = ofTenant(limits(Optional.of(3L), Optional.empty()));
    begin();
    ask("key_1", before, Units.NONE);
    ask("key_2", before, Units.NONE);
    assertThat(ask("key_2", cut, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask("key_2", cut, Units.NONE)).isInstanceOf(Outcome.Refused.class);

    // What was read before the cut and is only asked for now.
    ask("key_3", before, Units.NONE);
    millis += 300;

    assertThat(ask("key_2", cut, Units.NONE)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void aCapThatIsTakenAwayAndSetAgainCountsWhatWasUsedBetween() {
    begin();
    settle(ask(everGenerations(10), generations(3)), generations(3), 1);
    settle(ask(KeyLimits.NONE, generations(5)), generations(5), 2);
    stored = new KeyConsumption.Window(generations(8), NanoUsd.ZERO);
    millis += 1_000;

    assertThat(ask(everGenerations(10), generations(3))).isInstanceOf(Outcome.Refused.class);
    assertThat(ask(everGenerations(10), generations(2))).isInstanceOf(Outcome.Admitted.class);
  }

  /** As above, and the router had forgotten the key in between. */
  @Test
  void aCapThatIsSetAgainLaterCountsWhatWasUsedBetween() {
    begin();
    settle(ask(everGenerations(10), generations(3)), generations(3), 1);
    forget();
    settle(ask(KeyLimits.NONE, generations(5)), generations(5), 2);
    stored = new KeyConsumption.Window(generations(8), NanoUsd.ZERO);
    forget();

    assertThat(ask(everGenerations(10), generations(3))).isInstanceOf(Outcome.Refused.class);
    assertThat(ask(everGenerations(10), generations(2))).isInstanceOf(Outcome.Admitted.class);
  }

  /** A job that began before the cap was there ends when all that was asked for is given back. */
  @Test
  void aJobThatBeganBeforeItsCapIsCountedWhenItEnds() {
    begin();
    Outcome early = ask(KeyLimits.NONE, generations(8));
    settle(ask(everGenerations(10), generations(1)), generations(1), 1);
    for (int times = 0; times < 10; times++) {
      millis += 4_000;
      table.sweep(nanos());
      talk();
    }
    settle(early, generations(8), 2);
    stored = new KeyConsumption.Window(generations(9), NanoUsd.ZERO);
    forget();

    assertThat(ask(everGenerations(10), generations(2))).isInstanceOf(Outcome.Refused.class);
    assertThat(ask(everGenerations(10), generations(1))).isInstanceOf(Outcome.Admitted.class);
  }

  private void forget() {
    for (int times = 0; times < 30; times++) {
      millis += 5_000;
      table.sweep(nanos());
      talk();
    }
    assertThat(table.known("ten_1")).isNull();
  }

  @Test
  void aLimitThatIsCutWhileTheStoreIsAskedHoldsFromTheNextJobOn() {
    begin();
    ask(limits(Optional.of(10L), Optional.empty()), Units.NONE);
    TenantQuotas tenant = table.known("ten_1");
    table.in(
        tenant,
        "key_1",
        0,
        (of, key, nanos) -> {
          table.ask(of, key);
          return null;
        });
    LeaseCall call = leases.compose("epoch", 0, nanos());
    assertThat(decide("key_1", limits(Optional.of(1L), Optional.empty())))
        .isInstanceOf(Decision.Asking.class);

    leases.apply(store.of("r", () -> START + millis).lease(call).result(), nanos(), nanos());
    List<Outcome> early = pending.resolve(tenant, Long.MAX_VALUE, nanos()).outcomes();
    millis += 1;
    while (leases.hasDue()) {
      talk();
    }

    assertThat(early).isEmpty();
    assertThat(pending.resolve(tenant, Long.MAX_VALUE, nanos()).outcomes())
        .singleElement()
        .isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void followsAnOverrideFromTheNextJobOn() {
    KeyLimits limits = limits(Optional.of(2L), Optional.empty());
    begin();
    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Refused.class);

    table.override(LimitOverrides.read("- {policy: key-rpm, key: key_1, limit: 3}", Set.of()));
    millis += 300;

    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Admitted.class);
    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Refused.class);

    table.override(LimitOverrides.read("- {policy: key-rpm, key: key_1, limit: 0}", Set.of()));
    millis += 62_000;

    assertThat(ask(limits, Units.NONE)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void countsAPolicyInShadowAndRefusesNothingForIt() {
    KeyLimits limits = limits(Optional.of(2L), Optional.empty());
    table.override(LimitOverrides.read("- {policy: key-rpm, shadow: true}", Set.of()));
    begin();

    boolean[] violated = new boolean[3];
    for (int at = 0; at < 3; at++) {
      Outcome outcome = ask(limits, Units.NONE);
      assertThat(outcome).isInstanceOf(Outcome.Admitted.class);
      violated[at] = outcome.status().isViolated(0);
    }

    assertThat(violated).containsExactly(false, false, true);
  }
}
