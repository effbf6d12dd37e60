package io.naap.router.admission;

import static io.naap.router.OwnRedis.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.OwnRedis;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.RedisLeaseStore;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.LeaseWish;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.Limits;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routers' books on the script in a real Redis, with a clock of the test's own. */
class LeasesInRedisTest {
  private static final long START = 1_767_225_600_000L;
  private static final long SECOND = 1_000_000_000L;
  private static OwnRedis server;
  private static Redis client;
  private static RedisAPI redis;

  private long now;
  private String run = "run1";
  private String fresh = "epoch";
  private long credit;

  @BeforeAll
  static void startRedis() throws IOException {
    server = OwnRedis.start();
    client = server.client();
    redis = server.api();
  }

  @AfterAll
  static void stopRedis() throws IOException {
    server.close();
  }

  @BeforeEach
  void empty() {
    await(redis.flushall(List.of()));
    now = START;
    credit = 0;
    run = "run1";
    fresh = "epoch";
  }

  /** One router: its table, and its way to the store. */
  private final class Router {
    final QuotaTable table = new QuotaTable();
    final OpenHolds open = new OpenHolds();
    final PendingAdmissions pending = new PendingAdmissions(table, new LimitChecker(open, 100));
    final ReservationSettlement settlement = new ReservationSettlement(table, open);
    final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(200));
    final RedisLeaseStore store;
    int holds;
    final String name;

    Router(String name) {
      this.name = name;
      store =
          new RedisLeaseStore(
              redis,
              name,
              Duration.ofSeconds(30),
              Duration.ZERO,
              Duration.ofHours(1),
              Duration.ofSeconds(2),
              () -> now,
              () -> run);
    }

    long nanos() {
      return (now - START) * 1_000_000L + 1_000 * SECOND;
    }

    /** Talks to the store until there is nothing more to say. */
    void talk() {
      for (int round = 0; round < 6; round++) {
        LeaseReply reply = await(store.lease(leases.compose(fresh, 0, nanos())));
        LeaseClient.Next next = leases.apply(reply, nanos(), nanos());
        for (SubjectQuotas account : next.toSeed()) {
          KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
          leases.seeded(
              account, new CounterSeed(QuotasInMemory.date(now), none, none, none), leases.epoch());
        }
        answered = next.answered().isEmpty() ? answered : next.answered();
      }
    }

    List<TenantQuotas> answered = List.of();

    void askFor(String keyId) {
      table.in(
          "ten_1",
          keyId,
          0,
          (tenant, key, nanos) -> {
            table.ask(tenant, key);
            return null;
          });
    }

    Outcome ask(ReservationRequest demand) {
      return switch (pending.decide(demand, nanos())) {
        case Decision.Decided decided -> decided.outcome();
        case Decision.Asking asking -> {
          for (int round = 0; round < 6; round++) {
            talk();
            PendingAdmissions.Resolved resolved =
                pending.resolve(asking.waiting().tenant, Long.MAX_VALUE, nanos());
            int at = resolved.done().indexOf(asking.waiting());
            if (at >= 0) {
              yield resolved.outcomes().get(at);
            }
            for (PendingAdmission waiting : resolved.needMoney()) {
              waiting.refilled = true;
              if (credit > 0) {
                await(store.fund(leases.epoch(), "ten_1", "fnd_1", NanoUsd.ofNanos(credit)));
              }
              pending.askAgain(waiting, nanos());
            }
            resolved.later().forEach(waiting -> pending.askAgain(waiting, nanos()));
          }
          throw new AssertionError("no decision");
        }
      };
    }

    ReservationRequest demand(KeyLimits key, long generations, long cost) {
      return demand("key_1", key, generations, cost);
    }

    ReservationRequest demand(String keyId, KeyLimits key, long generations, long cost) {
      return new ReservationRequest(
          name + "-" + ++holds,
          "ten_1",
          keyId,
          Limits.ofKey(key),
          new ReservationRequest.Amounts(
              Units.of(Unit.GENERATIONS, generations),
              Units.of(Unit.GENERATIONS, generations),
              NanoUsd.ofNanos(cost)),
          true,
          ReservationRequest.Counts.JOB,
          Duration.ofMinutes(10));
    }
  }

  private void fund(Router router, long nanos) {
    router.talk();
    await(router.store.fund(router.leases.epoch(), "ten_1", "fnd_1", NanoUsd.ofNanos(nanos)));
  }

  private static KeyLimits perMinute(long limit) {
    return new KeyLimits(
        Optional.of(limit), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  @Test
  void admitsUntilTheMinuteIsFullAndNotOnceMore() {
    Router router = new Router("a");
    fund(router, 1_000_000);

    assertThat(router.ask(router.demand(perMinute(2), 1, 10))).isInstanceOf(Outcome.Admitted.class);
    assertThat(router.ask(router.demand(perMinute(2), 1, 10))).isInstanceOf(Outcome.Admitted.class);
    Outcome third = router.ask(router.demand(perMinute(2), 1, 10));

    assertThat(third)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.violatedPolicies()).containsExactly("key-rpm"));
  }

  @Test
  void asksTheLedgerWhenThePoolIsShort() {
    Router router = new Router("a");
    credit = 25;

    List<String> outcomes = new ArrayList<>();
    for (int at = 0; at < 4; at++) {
      now += 1;
      Outcome outcome = router.ask(router.demand(perMinute(3), 1, 10));
      outcomes.add(
          outcome instanceof Outcome.Refused refused ? refused.reason().name() : "ADMITTED");
      if (outcome instanceof Outcome.Admitted admitted) {
        router.settlement.settle(
            admitted.hold(), Units.of(Unit.GENERATIONS, 1), NanoUsd.ofNanos(5), at, router.nanos());
      }
    }

    assertThat(outcomes).containsExactly("ADMITTED", "ADMITTED", "ADMITTED", "LIMIT");
  }

  @Test
  void spendsAllMoneyAndNoMore() {
    Router one = new Router("a");
    Router two = new Router("b");
    fund(one, 1_000);
    two.talk();

    int admitted = 0;
    for (int at = 0; at < 600; at++) {
      now += 100;
      Router router = at % 2 == 0 ? one : two;
      if (router.ask(router.demand(KeyLimits.NONE, 1, 10)) instanceof Outcome.Admitted hold) {
        router.settlement.settle(
            hold.hold(), Units.of(Unit.GENERATIONS, 1), NanoUsd.ofNanos(10), at, router.nanos());
        admitted++;
      } else {
        one.talk();
        two.talk();
      }
    }

    assertThat(admitted).isEqualTo(100);
    now += 60_000;
    for (Router router : List.of(one, two)) {
      router.table.giveAllBack(router.nanos());
      router.talk();
    }
    assertThat(pool(AdmissionFunds.AVAILABLE)).isZero();
    assertThat(pool(AdmissionFunds.LEASED)).isZero();
    assertThat(pool(AdmissionFunds.SPENT)).isEqualTo(1_000);
  }

  /** A server that crashed remembers what it last saved, not what it answered since. */
  @Test
  void aServerThatComesBackOlderGivesNoMoneyTwice() throws Exception {
    Router one = new Router("a");
    Router two = new Router("b");
    fund(one, 1_000);
    two.talk();
    Map<String, byte[]> saved = new HashMap<>();
    for (Response key : await(redis.keys("*"))) {
      saved.put(key.toString(), await(redis.dump(key.toString())).toBytes());
    }
    List<Hold> holds = new ArrayList<>();
    for (int at = 0; at < 60; at++) {
      if (one.ask(one.demand(KeyLimits.NONE, 1, 10)) instanceof Outcome.Admitted admitted) {
        holds.add(admitted.hold());
      }
    }
    assertThat(holds).hasSize(60);

    await(redis.flushall(List.of()));
    for (Map.Entry<String, byte[]> key : saved.entrySet()) {
      await(
          client.send(
              Request.cmd(Command.RESTORE)
                  .arg(key.getKey())
                  .arg(0)
                  .arg(Buffer.buffer(key.getValue()))));
    }
    run = "run2";
    fresh = "epoch2";
    // What is left in the ledger, all of it, as none of it was charged.
    credit = 1_000;
    two.talk();
    one.talk();
    int more = 0;
    for (int at = 0; at < 100; at++) {
      now += 50;
      more += two.ask(two.demand(KeyLimits.NONE, 1, 10)) instanceof Outcome.Admitted ? 1 : 0;
    }

    assertThat(more).isEqualTo(40);
  }

  @Test
  void aWelcomeThatIsAskedForAgainNamesTheSameCallBeforeIt() {
    RedisLeaseStore store = new Router("a").store;
    await(store.lease(new LeaseCall("", "epoch", 0, 0, 0, true, List.of())));
    await(store.lease(new LeaseCall("epoch", "epoch", 1, 0, 0, false, List.of())));
    LeaseCall hello = new LeaseCall("epoch", "epoch", 2, 0, 0, true, List.of());

    LeaseReply first = await(store.lease(hello));
    LeaseReply again = await(store.lease(hello));

    assertThat(((LeaseReply.Welcome) first).lastCall()).isEqualTo(1);
    assertThat(again).isEqualTo(first);
  }

  /** What metering says of yesterday says nothing of today, save of what has no window. */
  @Test
  void aSeedOfAnotherDayIsAskedForAgain() {
    RedisLeaseStore store = new Router("a").store;
    now += 40_000;
    await(store.lease(new LeaseCall("", "epoch", 0, 0, 0, true, List.of())));

    assertThat(seeded(store, 1, "d.pixels", "2025-12-31")).isEqualTo(LeaseReply.Status.SEED);
    assertThat(seeded(store, 2, "m.pixels", "2025-12-31")).isEqualTo(LeaseReply.Status.SEED);
    assertThat(seeded(store, 3, "d.pixels", "2026-01-02")).isEqualTo(LeaseReply.Status.SEED);
    assertThat(seeded(store, 4, "m.pixels", "2026-01-02")).isEqualTo(LeaseReply.Status.OK);
    assertThat(seeded(store, 5, "l.pixels", "2025-12-31")).isEqualTo(LeaseReply.Status.OK);
    assertThat(seeded(store, 6, "d.pixels", "2026-01-01")).isEqualTo(LeaseReply.Status.OK);
  }

  private static LeaseWish wish(String name, long need) {
    return new LeaseWish(
        name, "", 10, new LeaseWish.Told("0", 0, 0), new LeaseWish.Asked(need, 0, 0));
  }

  private static LeaseReply.Status seeded(
      RedisLeaseStore store, long call, String name, String date) {
    LeaseWish wish = wish(name, 1);
    LeaseCall.Subject subject =
        new LeaseCall.Subject(
            "k:key_1",
            0,
            "",
            Map.of("pixels", new CounterSeed.Start(date, 1, 2, 3)),
            List.of(wish));
    LeaseReply reply =
        await(store.lease(new LeaseCall("epoch", "epoch", call, 0, 0, false, List.of(subject))));
    return ((LeaseReply.Done) reply).subjects().getFirst().status();
  }

  private static final long DAY = 86_400_000;

  private static KeyLimits capped(Cap.Window window, long limit) {
    return new KeyLimits(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(new Cap("generations", window, limit)));
  }

  /** The caps of two keys are spent; the new day is first heard of for one of them. */
  @Test
  void aNewDayRefusesNobodyByTheOldDaysNumbers() {
    passesMidnight(capped(Cap.Window.DAY, 5), START + DAY - 50);
  }

  @Test
  void aNewMonthRefusesNobodyByTheOldMonthsNumbers() {
    passesMidnight(capped(Cap.Window.MONTH, 5), START + 31 * DAY - 50);
  }

  private void passesMidnight(KeyLimits cap, long justBefore) {
    Router router = new Router("a");
    now = justBefore;
    fund(router, 1_000_000);
    for (String key : List.of("key_1", "key_2")) {
      Outcome all = router.ask(router.demand(key, cap, 5, 10));
      assertThat(all).isInstanceOf(Outcome.Admitted.class);
      assertThat(router.ask(router.demand(key, cap, 1, 10))).isInstanceOf(Outcome.Refused.class);
    }

    now = justBefore + 50;
    assertThat(router.ask(router.demand("key_1", cap, 5, 10))).isInstanceOf(Outcome.Admitted.class);
    assertThat(router.ask(router.demand("key_2", cap, 5, 10))).isInstanceOf(Outcome.Admitted.class);
    assertThat(router.ask(router.demand("key_2", cap, 1, 10))).isInstanceOf(Outcome.Refused.class);
  }

  /** What is left of the old day's cap is not served on top of the new day's. */
  @Test
  void whatIsLeftOfADayIsNotServedInTheNext() {
    KeyLimits cap = capped(Cap.Window.DAY, 5);
    Router router = new Router("a");
    now = START + DAY - 50;
    fund(router, 1_000_000);
    for (String key : List.of("key_1", "key_2")) {
      assertThat(router.ask(router.demand(key, cap, 1, 10))).isInstanceOf(Outcome.Admitted.class);
    }

    now += 100;
    assertThat(router.ask(router.demand("key_1", cap, 1, 10))).isInstanceOf(Outcome.Admitted.class);
    int served = 0;
    for (int at = 0; at < 12; at++) {
      now += 300;
      Outcome outcome = router.ask(router.demand("key_2", cap, 1, 10));
      served += outcome instanceof Outcome.Admitted ? 1 : 0;
    }

    assertThat(served).isEqualTo(5);
  }

  /** Redis answered ten milliseconds before midnight; the answer arrived after it. */
  @Test
  void anAnswerOfBeforeMidnightIsNotBelievedAfterIt() {
    KeyLimits cap = capped(Cap.Window.DAY, 5);
    Router router = new Router("a");
    now = START + DAY - 60;
    fund(router, 1_000_000);
    assertThat(router.ask(router.demand(cap, 5, 10))).isInstanceOf(Outcome.Admitted.class);
    assertThat(router.ask(router.demand(cap, 1, 10))).isInstanceOf(Outcome.Refused.class);
    now = START + DAY - 10;
    long asked = router.nanos();
    LeaseReply reply = await(router.store.lease(router.leases.compose(fresh, 0, asked)));
    now = START + DAY + 15;

    router.leases.apply(reply, asked, router.nanos());

    assertThat(router.ask(router.demand(cap, 1, 10))).isInstanceOf(Outcome.Admitted.class);
  }

  /** A job counts in the day that admitted it, also in usage, and when the clocks differ. */
  @Test
  void aJobCountsInTheDayWhoseCapAdmittedIt() {
    Router router = new Router("a");
    now = START + DAY - 1_000;
    fund(router, 1_000_000);
    Outcome outcome = router.ask(router.demand(capped(Cap.Window.DAY, 5), 1, 10));
    Hold hold = ((Outcome.Admitted) outcome).hold();

    assertThat(hold.countedAt(Instant.parse("2026-01-01T23:59:59.500Z")))
        .isEqualTo("2026-01-01T23:59:59.500Z");
    assertThat(hold.countedAt(Instant.parse("2026-01-02T00:00:00.200Z")))
        .isEqualTo("2026-01-01T23:59:59.999Z");
    assertThat(hold.countedAt(Instant.parse("2025-12-31T23:59:59.200Z")))
        .isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void theScriptRefusesACallThatNamesASubjectTwice() {
    RedisLeaseStore store = new Router("a").store;
    await(store.lease(new LeaseCall("", "epoch", 0, 0, 0, true, List.of())));
    LeaseCall.Subject subject =
        new LeaseCall.Subject("k:key_1", 0, "", Map.of(), List.of(wish("c", 5)));
    LeaseCall twice = new LeaseCall("epoch", "epoch", 1, 0, 0, false, List.of(subject, subject));

    assertThatThrownBy(() -> await(store.lease(twice)))
        .hasMessageContaining("SUBJECT_TWICE k:key_1");
  }

  /** Over midnight and back, whichever of both days it really is. */
  @Test
  void aDayThatComesAgainIsNotForgotten() {
    KeyLimits cap =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(
                new Cap("generations", Cap.Window.DAY, 10),
                new Cap("generations", Cap.Window.MONTH, 1_000)));
    Router router = new Router("a");
    fund(router, 1_000_000);
    now += 1_000;
    use(router, cap, 8);
    for (long step : List.of(-60_000L, 60_000L, 86_400_000L, -86_400_000L)) {
      now += step;
      router.talk();
      router.ask(router.demand(cap, 1, 10));
      router.askFor("key_1");
      router.talk();
    }

    assertThat(router.ask(router.demand(cap, 9, 10))).isInstanceOf(Outcome.Refused.class);
    for (String field : List.of("d.2026-01-01.generations", "m.2026-01.generations")) {
      assertThat(await(redis.hget("naap:adm:k:key_1", field)).toString()).startsWith("8/");
    }
  }

  private void use(Router router, KeyLimits limits, long generations) {
    Outcome outcome = router.ask(router.demand(limits, generations, 10));
    assertThat(outcome).isInstanceOf(Outcome.Admitted.class);
    router.settlement.settle(
        ((Outcome.Admitted) outcome).hold(),
        Units.of(Unit.GENERATIONS, generations),
        NanoUsd.ZERO,
        1,
        router.nanos());
    router.askFor("key_1");
    router.talk();
  }

  @Test
  void capsAreCountedByWhatWasMeasured() {
    Router router = new Router("a");
    fund(router, 1_000_000);
    KeyLimits cap =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new Cap("generations", Cap.Window.DAY, 10)));

    for (int at = 0; at < 10; at++) {
      Outcome outcome = router.ask(router.demand(cap, 1, 10));
      assertThat(outcome).isInstanceOf(Outcome.Admitted.class);
      router.settlement.settle(
          ((Outcome.Admitted) outcome).hold(),
          Units.of(Unit.GENERATIONS, at % 2),
          NanoUsd.ZERO,
          at,
          router.nanos());
    }
    for (int at = 0; at < 5; at++) {
      assertThat(router.ask(router.demand(cap, 1, 10))).isInstanceOf(Outcome.Admitted.class);
    }

    assertThat(router.ask(router.demand(cap, 1, 10))).isInstanceOf(Outcome.Refused.class);
  }

  private static long pool(String field) {
    return Long.parseLong(await(redis.hget(AdmissionFunds.key("ten_1"), field)).toString());
  }
}
