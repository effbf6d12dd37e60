package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.QuotaTable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a router reports to Redis of what was used, and when. */
class UsageReportsTest extends QuotasInMemory {
  /** So many keys whose reports are due. */
  private void usedSomeTimeAgo(int keys, KeyLimits limits) {
    for (int key = 1; key <= keys; key++) {
      decide("key_" + key, limits);
    }
    while (leases.hasDue()) {
      talk();
    }
    pending.resolve(table.known("ten_1"), Long.MAX_VALUE, nanos());
    millis += 16_000;
    table.sweep(nanos());
  }

  @Test
  void whatAJobWaitsForIsAskedForFirstAndReportsFollowInShortCalls() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();
    usedSomeTimeAgo(100, limits);
    decide("key_new", limits);

    LeaseCall first = leases.compose("epoch", 0, nanos());

    assertThat(first.subjects()).hasSize(10);
    assertThat(first.subjects().subList(0, 2))
        .extracting(LeaseCall.Subject::subject)
        .containsExactlyInAnyOrder("t:ten_1", "k:key_new");
    leases.apply(store.of("r", () -> START + millis).lease(first).result(), nanos(), nanos());
    int calls = 0;
    for (; leases.hasDue(); calls++) {
      talk();
    }
    assertThat(calls).isEqualTo(12);
  }

  @Test
  void reportsGoOnHoweverManyWait() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();
    usedSomeTimeAgo(20, limits);

    for (int call = 1; call <= 3; call++) {
      for (int key = 1; key <= 40; key++) {
        decide("key_new_" + call + "_" + key, limits);
      }
      talk();
    }

    assertThat(table.queue().nextReport()).isNull();
  }

  /** Keys that are used once each, more of them than fit into a few calls. */
  @Test
  void reportsKeepUpWithNewKeysHoweverManyComeAtOnce() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();

    for (int second = 1; second <= 60; second++) {
      for (int key = 1; key <= 100; key++) {
        decide("key_" + second + "_" + key, limits);
      }
      talk();
      pending.resolve(table.known("ten_1"), Long.MAX_VALUE, nanos());
      millis += 1_000;
      table.sweep(nanos());
    }

    // Used in the last 15 seconds, and a call's worth that is just due.
    int reports = 0;
    while (table.queue().nextReport() != null) {
      reports++;
    }
    assertThat(reports).isLessThanOrEqualTo(200);
  }

  @Test
  void usageThatIsLimitedNowhereIsNotKeptForTheStore() {
    begin();
    settle(ask(KeyLimits.NONE, Units.of(Unit.REQUESTS, 1)), Units.of(Unit.REQUESTS, 1), 1);

    assertThat(leases.unreportedFrom()).isEqualTo(Long.MAX_VALUE);
  }

  /** A key that is busy all the time with what no limit of it counts. */
  @Test
  void usageThatTookNothingOfALimitIsReportedInTimeToo() {
    KeyLimits limits =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new Cap("tokens_out", Cap.Window.MONTH, 1_000)));
    begin();

    for (int position = 1; position <= 40; position++) {
      settle(ask(limits, Units.of(Unit.REQUESTS, 1)), Units.of(Unit.REQUESTS, 1), position);
      millis += 1_000;
      table.sweep(nanos());
      while (leases.hasDue()) {
        talk();
      }
      assertThat(leases.unreportedFrom()).isGreaterThan(position - 20);
    }
  }

  @Test
  void whatIsSettledWhileACallIsUnderWayIsStillToBeReported() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();
    Outcome first = ask(limits, Units.NONE);
    Outcome second = ask(limits, Units.NONE);
    settle(first, Units.NONE, 1);
    millis += 16_000;
    table.sweep(nanos());

    LeaseCall call = leases.compose("epoch", 0, nanos());
    assertThat(call.subjects()).isNotEmpty();
    settle(second, Units.NONE, 2);
    assertThat(leases.unreportedFrom()).isEqualTo(1);
    leases.apply(store.of("r", () -> START + millis).lease(call).result(), nanos(), nanos());

    assertThat(leases.unreportedFrom()).isEqualTo(2);
  }

  @Test
  void whatWasInACallThatWasNotDoneIsStillToBeReported() {
    KeyLimits limits = limits(Optional.of(1_000L), Optional.empty());
    begin();
    settle(ask(limits, Units.NONE), Units.NONE, 1);
    millis += 16_000;
    table.sweep(nanos());

    var unused = leases.compose("epoch", 0, nanos());
    leases.apply(new LeaseReply.OtherEpoch("another", START + millis), nanos(), nanos());

    assertThat(leases.unreportedFrom()).isEqualTo(1);
  }

  @Test
  void whatAnEarlierLifeLeftIsKeptUntilTheStoreHasHeard() throws IOException {
    KeyLimits limits =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new Cap("generations", Cap.Window.MONTH, 1_000)));
    begin();
    ask(limits, Units.of(Unit.GENERATIONS, 3));
    LeaseClient next = new LeaseClient(new QuotaTable(), Duration.ofMillis(200));
    LeaseReply.Welcome hello = (LeaseReply.Welcome) answer(next);

    next.recover(
        hello,
        List.of(
                used(
                    "job-1-0",
                    "r",
                    7,
                    Instant.ofEpochMilli(START),
                    "key_1",
                    Units.of(Unit.GENERATIONS, 3),
                    NanoUsd.ZERO))
            ::forEach,
        nanos());

    assertThat(next.unreportedFrom()).isEqualTo(7);
    while (next.hasDue()) {
      answer(next);
    }
    assertThat(next.unreportedFrom()).isEqualTo(Long.MAX_VALUE);
  }
}
