package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.LimitOverrides;
import io.naap.router.limit.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one router decides in memory, beside the store that is the model. */
class QuotaTableTest {
  private static final long START = 1_767_268_800_000L;

  private static final KeyConsumption.Window NOTHING =
      new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);

  private final LeaseModel store = new LeaseModel(30_000, 2_000, 3_600_000);
  private final QuotaTable table = new QuotaTable();
  private final OpenHolds open = new OpenHolds();
  private final PendingAdmissions pending =
      new PendingAdmissions(table, new LimitChecker(open, 100));
  private final ReservationSettlement settlement = new ReservationSettlement(table, open);
  private final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(200));
  private KeyConsumption.Window stored = NOTHING;
  private long millis = 10_000;
  private int calls;
  private int jobs;

  private long nanos() {
    return millis * 1_000_000;
  }

  static LocalDate date(long millis) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
  }

  private void talk() {
    LeaseCall call = leases.compose("epoch", 0, nanos());
    calls += call.subjects().size();
    LeaseReply reply = store.of("r", () -> START + millis).lease(call).result();
    for (SubjectQuotas account : leases.apply(reply, nanos(), nanos()).toSeed()) {
      leases.seeded(
          account, new CounterSeed(date(START + millis), stored, stored, stored), leases.epoch());
    }
  }

  private void begin() {
    // Until the store, whose clock makes small steps only, has been up for long enough to grant.
    for (int times = 0; times < 20; times++) {
      talk();
      millis += 250;
    }
  }

  private Outcome ask(KeyLimits limits, Units units) {
    return ask("key_1", Limits.ofKey(limits), units);
  }

  private Outcome ask(String key, Limits limits, Units units) {
    ReservationRequest demand = demand(key, limits, units);
    return switch (pending.decide(demand, nanos())) {
      case Decision.Decided decided -> decided.outcome();
      case Decision.Asking asking -> {
        talk();
        talk();
        while (leases.hasDue()) {
          talk();
        }
        yield pending
            .resolve(asking.waiting().tenant, Long.MAX_VALUE, nanos())
            .outcomes()
            .getFirst();
      }
    };
  }

  private ReservationRequest demand(String key, Limits limits, Units units) {
    return new ReservationRequest(
        "job-" + ++jobs + "-0",
        "ten_1",
        key,
        limits,
        new ReservationRequest.Amounts(units, units, NanoUsd.ZERO),
        false,
        ReservationRequest.Counts.JOB,
        Duration.ofMinutes(10));
  }

  private static KeyLimits limits(Optional<Long> perMinute, Optional<Long> atOnce) {
    return new KeyLimits(perMinute, Optional.empty(), atOnce, List.of(), List.of());
  }

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

  private void settle(Outcome outcome, Units units, long position) {
    settlement.settle(((Outcome.Admitted) outcome).hold(), units, NanoUsd.ZERO, position, nanos());
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

  private LeaseReply answer(LeaseClient of) {
    LeaseReply reply =
        store.of("r", () -> START + millis).lease(of.compose("epoch", 0, nanos())).result();
    of.apply(reply, nanos(), nanos());
    return reply;
  }

  /** An event of a spool, of which only what admission looks at matters. */
  static UsageRecorded used(
      String job,
      String instance,
      long position,
      Instant at,
      String key,
      Units units,
      NanoUsd cost) {
    return new UsageRecorded(
        new UsageRecorded.Source(job, job, 0, instance, position, at, at),
        new UsageRecorded.Who("ten_1", key, List.of()),
        new UsageRecorded.What("c", "m", "t", "p", "g"),
        new UsageRecorded.End(200, JobOutcome.SUCCEEDED, units, "p@1", Optional.empty(), cost, 1));
  }

  private Decision decide(String key, KeyLimits limits) {
    return pending.decide(demand(key, Limits.ofKey(limits), Units.NONE), nanos());
  }

  private static KeyLimits everGenerations(long limit) {
    return new KeyLimits(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(new Cap("generations", Cap.Window.LIFETIME, limit)));
  }

  private static Units generations(long count) {
    return Units.of(Unit.GENERATIONS, count);
  }

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
  void whatIsGrantedAfterALongSilenceIsNotForgotten() {
    begin();
    Limits limits = Limits.ofKey(everGenerations(1_000));
    settle(ask("key_1", limits, generations(5)), generations(5), 1);
    table.giveAllBack(nanos());
    while (leases.hasDue()) {
      talk();
    }
    millis += 70_000;
    table.sweep(nanos());
    assertThat(table.known("ten_1")).isNull();
    Decision.Asking asking =
        (Decision.Asking) pending.decide(demand("key_1", limits, generations(5)), nanos());
    // Done, but the answer comes only after more than a minute.
    LeaseCall call = leases.compose("epoch", 0, nanos());
    var unused = store.of("r", () -> START + millis).lease(call).result();
    pending.giveUp(asking.waiting());
    millis += 70_000;
    table.sweep(nanos());

    for (int times = 0; times < 10; times++) {
      talk();
      millis += 5_000;
      table.sweep(nanos());
    }

    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(5);
  }

  @Test
  void whatWasToldBeforeALongSilenceIsNotToldAgainWhenTheWelcomeIsLost() {
    begin();
    settle(ask(everGenerations(1_000), generations(5)), generations(5), 1);
    millis += 16_000;
    table.sweep(nanos());
    LeaseCall last = leases.compose("epoch", 0, nanos());
    assertThat(last.subjects()).isNotEmpty();
    var unused = store.of("r", () -> START + millis).lease(last).result();
    silence();
    assertThat(answer(leases)).isInstanceOf(LeaseReply.Gone.class);
    LeaseReply lost =
        store.of("r", () -> START + millis).lease(leases.compose("epoch", 0, nanos())).result();
    assertThat(lost).isInstanceOf(LeaseReply.Welcome.class);

    talk();
    table.giveAllBack(nanos());
    while (leases.hasDue()) {
      talk();
    }

    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(5);
  }

  /** Nothing is heard of this router, while another one goes on. */
  private void silence() {
    LeaseClient other = new LeaseClient(new QuotaTable(), Duration.ofMillis(200));
    for (int times = 0; times < 140; times++) {
      millis += 250;
      LeaseReply reply =
          store
              .of("other", () -> START + millis)
              .lease(other.compose("epoch", 0, nanos()))
              .result();
      other.apply(reply, nanos(), nanos());
    }
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
  void whatAnEarlierLifeLeftIsToldAfterALongSilenceToo() throws IOException {
    begin();
    ask(everGenerations(1_000), generations(3));
    LeaseClient next = new LeaseClient(new QuotaTable(), Duration.ofMillis(200));
    next.recover(
        (LeaseReply.Welcome) answer(next),
        List.of(
                used(
                    "job-1-0",
                    "r",
                    7,
                    Instant.ofEpochMilli(START),
                    "key_1",
                    generations(3),
                    NanoUsd.ZERO))
            ::forEach,
        nanos());
    var neverSent = next.compose("epoch", 0, nanos());
    assertThat(neverSent.subjects()).isNotEmpty();
    silence();

    for (int times = 0; times < 5; times++) {
      answer(next);
    }

    assertThat(next.unreportedFrom()).isEqualTo(Long.MAX_VALUE);
    assertThat(store.taken("k:key_1", "l.generations")).isEqualTo(3);
  }

  @Test
  void whatMeteringDoesNotSayOfOneKeyRefusesNoJobOfAnother() {
    begin();
    decide("key_1", everGenerations(10));
    decide("key_2", limits(Optional.of(10L), Optional.empty()));
    TenantQuotas tenant = table.known("ten_1");

    List<PendingAdmission> refused = pending.unseeded(tenant.key("key_1"), nanos()).done();

    assertThat(refused).extracting(waiting -> waiting.request.keyId()).containsExactly("key_1");
    assertThat(pending.all(tenant))
        .extracting(waiting -> waiting.request.keyId())
        .containsExactly("key_2");
  }

  @Test
  void aTenantIsRememberedAsEmptyForAMomentAlsoWhereNanosecondsWrap() {
    TenantQuotas tenant = table.in("ten_1", null, 0, (of, nothing, nanos) -> of);
    assertThat(tenant.isEmpty(Long.MAX_VALUE)).isFalse();

    tenant.emptyUntil(Long.MAX_VALUE + 10);

    assertThat(tenant.isEmpty(Long.MAX_VALUE)).isTrue();
    assertThat(tenant.isEmpty(Long.MIN_VALUE + 9)).isFalse();
  }

  @Test
  void whatMeteringSaidInAnotherLifeOfTheStoreIsAskedAgain() {
    begin();
    decide("key_1", everGenerations(10));
    SubjectQuotas key = table.known("ten_1").key("key_1");
    KeyConsumption.Window used = new KeyConsumption.Window(generations(3), NanoUsd.ZERO);
    CounterSeed seed = new CounterSeed(date(START), used, used, used);
    LeaseReply reply =
        store.of("r", () -> START + millis).lease(leases.compose("epoch", 0, nanos())).result();
    assertThat(leases.apply(reply, nanos(), nanos()).toSeed()).containsExactly(key);

    leases.seeded(key, seed, "an older one");

    assertThat(key.seed()).isNull();
    assertThat(table.queue().nextAsked()).isEqualTo(key);
    leases.seeded(key, seed, leases.epoch());
    assertThat(key.seed()).isEqualTo(seed);
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
