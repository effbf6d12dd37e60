package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaLease;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.limit.Limits;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Many routers on one store that is the model, over random histories: jobs, crashes and returns,
 * calls and answers that are lost, clocks that are set, a store that is emptied. What was served is
 * counted outside of everything that decides.
 */
class LeasePropertyTest {
  private static final long START = 1_767_268_800_000L;
  private static final int ROUTERS = 3;

  /** A minute is up to half a second shorter for each time a clock is set. */
  private static final long MINUTE = 58_000;

  record Step(String what, int router, int key, long amount, long cost, long later) {}

  record Setting(KeyLimits key, KeyLimits tenant, long funded) {}

  @Provide
  Arbitrary<List<Step>> histories() {
    return histories(45_000, 150);
  }

  static Arbitrary<List<Step>> histories(long latest, int most) {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(30, Arbitraries.just("ask")),
                net.jqwik.api.Tuple.of(20, Arbitraries.just("finish")),
                net.jqwik.api.Tuple.of(14, Arbitraries.just("talk")),
                net.jqwik.api.Tuple.of(4, Arbitraries.just("lose answer")),
                net.jqwik.api.Tuple.of(3, Arbitraries.just("crash")),
                net.jqwik.api.Tuple.of(4, Arbitraries.just("restart")),
                net.jqwik.api.Tuple.of(3, Arbitraries.just("set clock")),
                net.jqwik.api.Tuple.of(1, Arbitraries.just("empty")),
                net.jqwik.api.Tuple.of(3, Arbitraries.just("outage")),
                net.jqwik.api.Tuple.of(3, Arbitraries.just("give back"))),
            Arbitraries.integers().between(0, ROUTERS - 1),
            Arbitraries.integers().between(1, 2),
            Arbitraries.longs().between(0, 4),
            Arbitraries.longs().between(0, 60),
            Arbitraries.longs().between(0, latest))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(most);
  }

  /** Of a router that lives on: a clock is set over midnight and back. */
  static Arbitrary<List<Step>> histories(int most) {
    return Combinators.combine(
            Arbitraries.of(
                "ask", "ask", "ask", "finish", "finish", "talk", "set clock", "give back"),
            Arbitraries.integers().between(0, ROUTERS - 1),
            Arbitraries.integers().between(1, 2),
            Arbitraries.longs().between(0, 4),
            Arbitraries.longs().between(0, 60),
            Arbitraries.longs().between(0, 20_000))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(most);
  }

  @Provide
  Arbitrary<List<Step>> historiesOverMidnight() {
    return histories(150);
  }

  @Provide
  Arbitrary<Setting> dailySettings() {
    return allDailySettings();
  }

  static Arbitrary<Setting> allDailySettings() {
    return Combinators.combine(daily(), daily())
        .as((key, tenant) -> new Setting(key, tenant, 1_000_000));
  }

  private static Arbitrary<KeyLimits> daily() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 30).optional(0.8),
            Arbitraries.longs().between(0, 60).optional(0.5))
        .as(
            (day, month) ->
                new KeyLimits(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Stream.concat(
                            day
                                .map(limit -> new Cap("generations", Cap.Window.DAY, limit))
                                .stream(),
                            month
                                .map(limit -> new Cap("generations", Cap.Window.MONTH, limit))
                                .stream())
                        .toList()));
  }

  @Provide
  Arbitrary<Setting> settings() {
    return allSettings();
  }

  static Arbitrary<Setting> allSettings() {
    return Combinators.combine(limits(), limits(), Arbitraries.longs().between(0, 3_000))
        .as(Setting::new);
  }

  private static Arbitrary<KeyLimits> limits() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 20).optional(0.6),
            Arbitraries.longs().between(0, 8).optional(0.6),
            Arbitraries.longs().between(0, 30).optional(0.6),
            Arbitraries.longs().between(0, 60).optional(0.7),
            Arbitraries.longs().between(0, 1_500).optional(0.7))
        .as(
            (rpm, concurrent, minute, life, money) ->
                new KeyLimits(
                    rpm,
                    Optional.empty(),
                    concurrent,
                    minute.map(limit -> new UnitRate("generations", limit)).stream().toList(),
                    Stream.concat(
                            life
                                .map(limit -> new Cap("generations", Cap.Window.LIFETIME, limit))
                                .stream(),
                            money
                                .map(limit -> new Cap(Cap.MONEY, Cap.Window.LIFETIME, limit))
                                .stream())
                        .toList()));
  }

  /**
   * What was settled.
   *
   * @param rated of the units, what counts against the minute: a job of more than a minute does not
   */
  private record Used(String key, long at, long units, long rated, long cost) {}

  private record Finished(Hold hold, long units) {}

  private record Started(String key, long at, long units) {}

  private record Running(Hold hold, String key, long at, long units, long cost, int router) {}

  /** The place of a stream of which a stretch has been settled. */
  private record Place(String key, int router, String name) {}

  /** The world outside the store. */
  static final class World {
    /** What else is asked the same; its answers must be the same. */
    interface Twin {
      void begin();

      /** Started anew: what it remembers must be of no account. */
      void restarted();

      void same(int router, long now, LeaseCall call, LeaseReply reply);

      void fund(int router, String epoch, String funding, NanoUsd total);
    }

    final Twin twin;
    Setting setting;
    final List<Used> used = new ArrayList<>();
    final List<Started> started = new ArrayList<>();
    final List<Running> running = new ArrayList<>();
    final List<Place> places = new ArrayList<>();

    /** By hold: which window each of its shares had when it was taken. */
    final Map<String, List<String>> windows = new TreeMap<>();

    final List<Finished> finished = new ArrayList<>();
    final Life[] lives = new Life[ROUTERS];
    final List<List<UsageRecorded>> spools = new ArrayList<>();
    LeaseModel store = new LeaseModel(30_000, 2_000, 3_600_000);
    long real;
    long set;
    int jobs;
    int epochs;
    boolean away;

    /** The router that the store does not hear, or -1. */
    int alone = -1;

    long chargedBefore;
    final List<Long> emptied = new ArrayList<>();

    World(Setting setting) {
      this(setting, null);
    }

    World(Setting setting, Twin twin) {
      this.setting = setting;
      this.twin = twin;
      if (twin != null) {
        twin.begin();
      }
      for (int at = 0; at < ROUTERS; at++) {
        spools.add(new ArrayList<>());
        lives[at] = new Life(this, at);
      }
      everybodyTalks();
      pass(3_000);
      everybodyTalks();
    }

    long now() {
      return START + real + set;
    }

    /** A minute before a month ends. */
    void lateInTheMonth() {
      set += Duration.ofDays(30).plusHours(12).minusMinutes(1).toMillis();
      pass(250);
    }

    long nanos() {
      return real * 1_000_000L + 1_000_000_000_000L;
    }

    /** Time goes by; whoever lives talks as often as routers do. */
    void pass(long millis) {
      for (long left = millis; left > 0; left -= 250) {
        real += Math.min(250, left);
        if (!away) {
          for (Life life : lives) {
            if (life != null) {
              life.settlement.expire(nanos());
              life.talk(1);
            }
          }
        }
      }
      for (Life life : lives) {
        if (life != null) {
          life.table.sweep(nanos());
        }
      }
    }

    void everybodyTalks() {
      for (Life life : lives) {
        if (life != null) {
          life.talk(4);
        }
      }
    }

    long spent() {
      return used.stream().mapToLong(Used::cost).sum();
    }
  }

  /** One life of a router: from its start to its death. */
  private static final class Life {
    final World world;
    final int index;
    final QuotaTable table = new QuotaTable();
    final OpenHolds open = new OpenHolds();
    final PendingAdmissions pending = new PendingAdmissions(table, new LimitChecker(open, 100));
    final ReservationSettlement settlement = new ReservationSettlement(table, open);
    final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(200));
    final LeaseStore store;
    boolean inherited;
    int losing;

    Life(World world, int index) {
      this.world = world;
      this.index = index;
      this.store =
          new LeaseStore() {
            @Override
            public Future<LeaseReply> lease(LeaseCall call) {
              Future<LeaseReply> reply = world.store.of("r" + index, world::now).lease(call);
              if (world.twin != null) {
                world.twin.same(index, world.now(), call, reply.result());
              }
              return reply;
            }

            @Override
            public Future<Void> fund(String epoch, String tenant, String funding, NanoUsd total) {
              if (world.twin != null) {
                world.twin.fund(index, epoch, funding, total);
              }
              return world.store.of("r" + index, world::now).fund(epoch, tenant, funding, total);
            }
          };
    }

    private boolean isHeard() {
      return !world.away && world.alone != index;
    }

    void talk(int rounds) {
      for (int round = 0; round < rounds && isHeard(); round++) {
        LeaseCall call = leases.compose("epoch" + world.epochs, 0, world.nanos());
        LeaseReply reply = store.lease(call).result();
        if (losing > 0) {
          losing--;
          continue;
        }
        LeaseClient.Next next = leases.apply(reply, world.nanos(), world.nanos());
        if (reply instanceof LeaseReply.Welcome hello && !inherited) {
          inherited = true;
          try {
            leases.recover(hello, world.spools.get(index)::forEach, world.nanos());
          } catch (IOException never) {
            throw new UncheckedIOException(never);
          }
        }
        for (SubjectQuotas account : next.toSeed()) {
          leases.seeded(account, seed(account), leases.epoch());
        }
      }
    }

    CounterSeed seed(SubjectQuotas account) {
      String id = account.name().substring(2);
      long units = 0;
      long cost = 0;
      for (Used one : world.used) {
        if (account.name().charAt(0) == 't' || one.key.equals(id)) {
          units += one.units;
          cost += one.cost;
        }
      }
      KeyConsumption.Window window =
          new KeyConsumption.Window(Units.of(Unit.GENERATIONS, units), NanoUsd.ofNanos(cost));
      return new CounterSeed(QuotaTableTest.date(world.now()), window, window, window);
    }

    void ask(Step step) {
      String key = "key_" + step.key;
      ReservationRequest demand =
          new ReservationRequest(
              "job-" + ++world.jobs + "-0",
              "ten_1",
              key,
              new Limits(world.setting.key, world.setting.tenant, KeyLimits.NONE, 0),
              new ReservationRequest.Amounts(
                  Units.of(Unit.GENERATIONS, step.amount),
                  Units.of(Unit.GENERATIONS, step.amount),
                  NanoUsd.ofNanos(step.cost)),
              true,
              step.cost % 3 == 0 ? ReservationRequest.Counts.STREAM : ReservationRequest.Counts.JOB,
              Duration.ofMinutes(10));
      Outcome outcome = null;
      switch (pending.decide(demand, world.nanos())) {
        case Decision.Decided decided -> outcome = decided.outcome();
        case Decision.Asking asking -> {
          for (int round = 0; round < 8 && outcome == null; round++) {
            talk(2);
            PendingAdmissions.Resolved resolved =
                pending.resolve(asking.waiting().tenant, Long.MAX_VALUE, world.nanos());
            int at = resolved.done().indexOf(asking.waiting());
            outcome = at >= 0 ? resolved.outcomes().get(at) : null;
            for (PendingAdmission waiting : resolved.needMoney()) {
              waiting.refilled = true;
              fund();
              pending.askAgain(waiting, world.nanos());
            }
            resolved.later().forEach(waiting -> pending.askAgain(waiting, world.nanos()));
          }
          if (outcome == null) {
            pending.giveUp(asking.waiting());
          }
        }
      }
      if (outcome instanceof Outcome.Admitted admitted) {
        world.running.add(
            new Running(admitted.hold(), key, world.real, step.amount, step.cost, index));
        world.started.add(new Started(key, world.real, step.amount));
        world.windows.put(
            admitted.hold().id(), leases(admitted.hold()).map(QuotaLease::window).toList());
      }
    }

    /** What the ledger has for this life of the store: what is not charged yet. */
    void fund() {
      if (isHeard()) {
        long total =
            world.epochs == 0 ? world.setting.funded : world.setting.funded - fundedBefore();
        store.fund(leases.epoch(), "ten_1", "fnd_" + world.epochs, NanoUsd.ofNanos(total));
      }
    }

    long fundedBefore() {
      return world.chargedBefore;
    }

    void finish(Running job, long units, long cost) {
      List<UsageRecorded> spool = world.spools.get(index);
      Units measured = Units.of(Unit.GENERATIONS, Math.min(units, job.units));
      NanoUsd price = NanoUsd.ofNanos(Math.min(cost, job.cost));
      UsageRecorded event =
          QuotaTableTest.used(
              job.hold.id(),
              "r" + index,
              spool.size() + 1L,
              Instant.ofEpochMilli(world.now()),
              job.key,
              measured,
              price);
      spool.add(event);
      settlement.settle(job.hold, measured, price, event.spoolPosition(), world.nanos());
      long served = measured.get(Unit.GENERATIONS);
      long rated = world.real - job.at < 61_000 ? served : 0;
      world.finished.add(new Finished(job.hold, served));
      world.used.add(new Used(job.key, world.real, served, rated, price.nanos()));
      if (job.hold.request().counts() == ReservationRequest.Counts.STREAM) {
        world.places.add(new Place(job.key, index, job.hold.request().streamSlot()));
      }
    }

    void leave(Place place) {
      settlement.releaseSlot(place.name);
      world.places.remove(place);
    }
  }

  static void play(World world, Step step) {
    Life life = world.lives[step.router];
    switch (step.what) {
      case "ask" -> {
        if (life != null) {
          life.ask(step);
        }
      }
      case "finish" -> {
        if (life != null) {
          finishOne(world, step);
        }
      }
      case "talk" -> world.pass(step.later);
      case "lose answer" -> {
        if (life != null) {
          life.losing = 2;
        }
      }
      case "crash" -> {
        world.lives[step.router] = null;
        world.running.removeIf(job -> job.router == step.router);
        world.places.removeIf(place -> place.router == step.router);
      }
      case "restart" -> {
        if (life == null) {
          world.lives[step.router] = new Life(world, step.router);
          world.lives[step.router].talk(4);
        }
      }
      case "set clock" -> world.set += (step.cost - 30) * 4_000;
      case "empty" -> {
        // The ledger closes the older funding: what was charged is gone, the rest is there anew.
        world.chargedBefore = world.spent();
        world.epochs++;
        world.emptied.add(world.real);
        world.store = new LeaseModel(30_000, 2_000, 3_600_000);
        if (world.twin != null && step.cost % 2 == 0) {
          world.twin.begin();
        } else if (world.twin != null) {
          world.twin.restarted();
        }
        world.everybodyTalks();
        world.pass(3_000);
      }
      case "outage" -> {
        world.away = true;
        world.real += step.later;
        if (life != null) {
          life.ask(step);
          life.ask(step);
        }
        finishOne(world, step);
        world.away = false;
      }
      case "alone" -> {
        world.alone = step.router;
        world.pass(step.later);
        if (life != null) {
          life.ask(step);
          life.ask(step);
          finishOne(world, step);
        }
        world.alone = -1;
      }
      default -> {
        if (life != null) {
          life.table.giveAllBack(world.nanos());
          life.talk(2);
        }
      }
    }
  }

  /** A job, or else a stream. */
  private static void finishOne(World world, Step step) {
    world.running.stream()
        .filter(job -> job.router == step.router)
        .findFirst()
        .ifPresentOrElse(
            job -> {
              world.running.remove(job);
              world.lives[step.router].finish(job, step.amount, step.cost);
            },
            () ->
                world.places.stream()
                    .filter(place -> place.router == step.router)
                    .findFirst()
                    .ifPresent(place -> world.lives[step.router].leave(place)));
  }

  @Provide
  Arbitrary<List<Step>> historiesAlone() {
    Arbitrary<Step> alone =
        Combinators.combine(
                Arbitraries.integers().between(0, ROUTERS - 1),
                Arbitraries.integers().between(1, 2),
                Arbitraries.longs().between(0, 4),
                Arbitraries.longs().between(0, 60),
                Arbitraries.longs().between(0, 100_000))
            .as(
                (router, key, amount, cost, later) ->
                    new Step("alone", router, key, amount, cost, later));
    return Combinators.combine(histories(), alone.list().ofMinSize(1).ofMaxSize(10))
        .as(
            (steps, cuts) -> {
              List<Step> all = new ArrayList<>(steps);
              for (int at = 0; at < cuts.size(); at++) {
                all.add(1 + at * all.size() / cuts.size(), cuts.get(at));
              }
              return all;
            });
  }

  /** Also while the others have long taken what it had promised not to touch. */
  @Property(tries = 200)
  void aRouterThatIsNotHeardAndGoesOnOverspendsNeitherMoneyNorCaps(
      @ForAll("settings") Setting setting, @ForAll("historiesAlone") List<Step> steps) {
    World world = new World(setting);
    for (Step step : steps) {
      play(world, step);
      checkMoney(world, setting);
      checkCaps(world, setting);
    }
    comeToRest(world);
    if (world.epochs == 0) {
      assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(world.spent());
    }
  }

  @Property(tries = 400)
  void nothingIsServedBeyondMoneyCapsAndRates(
      @ForAll("settings") Setting setting, @ForAll("histories") List<Step> steps) {
    World world = new World(setting);
    for (Step step : steps) {
      play(world, step);
      check(world, setting);
    }
    comeToRest(world);
    if (world.epochs == 0) {
      assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(world.spent());
    }
  }

  /** What was taken from a day or month counts against it, whichever day it is by now. */
  @Property(tries = 200)
  void noDayAndNoMonthIsForgottenWhenAClockIsSet(
      @ForAll("dailySettings") Setting setting, @ForAll("historiesOverMidnight") List<Step> steps) {
    World world = new World(setting);
    world.lateInTheMonth();
    for (Step step : steps) {
      play(world, step);
      checkWindows(world);
    }
  }

  static void checkWindows(World world) {
    Map<String, Long> sums = new TreeMap<>();
    world.running.forEach(job -> count(world, sums, job.hold, job.units));
    world.finished.forEach(job -> count(world, sums, job.hold, job.units));
    for (Cap cap : world.setting.key.caps()) {
      checkWindow(sums, cap, "k:");
    }
    for (Cap cap : world.setting.tenant.caps()) {
      checkWindow(sums, cap, "t:");
    }
  }

  private static Stream<QuotaLease> leases(Hold hold) {
    return IntStream.range(0, hold.binding().size()).mapToObj(hold.binding()::lease);
  }

  private static void count(World world, Map<String, Long> sums, Hold hold, long units) {
    List<QuotaLease> leases = leases(hold).toList();
    for (int at = 0; at < leases.size(); at++) {
      QuotaLease share = leases.get(at);
      if (share.amount().hasWindow()) {
        String window = world.windows.get(hold.id()).get(at);
        sums.merge(
            share.subject().name() + " " + share.amount().name() + " " + window, units, Long::sum);
      }
    }
  }

  private static void checkWindow(Map<String, Long> sums, Cap cap, String whose) {
    String name = cap.window() == Cap.Window.DAY ? " d." : " m.";
    sums.forEach(
        (window, sum) -> {
          if (window.startsWith(whose) && window.contains(name)) {
            assertThat(sum).as(window).isLessThanOrEqualTo(cap.limit());
          }
        });
  }

  /**
   * A cap is there, is not, and is there again: what was served meanwhile counts as well, whoever
   * served it.
   */
  @Property(tries = 300)
  void capsThatComeAndGoCountWhatWasServedWithoutThem(
      @ForAll("settings") Setting setting,
      @ForAll("histories") List<Step> before,
      @ForAll("historiesOverMidnight") List<Step> without,
      @ForAll("historiesOverMidnight") List<Step> after) {
    World world = new World(setting);
    comeAndGo(world, setting, before, without, after);
  }

  static void comeAndGo(
      World world, Setting setting, List<Step> before, List<Step> without, List<Step> after) {
    before.forEach(step -> play(world, step));
    comeToRest(world);
    world.setting = new Setting(KeyLimits.NONE, KeyLimits.NONE, setting.funded);
    without.forEach(step -> play(world, step));
    comeToRest(world);
    world.setting = setting;
    Map<String, Long> most = new TreeMap<>();
    for (Step step : after) {
      play(world, step);
      for (String key : List.of("key_1", "key_2", "")) {
        checkCapsSince(world, key.isEmpty() ? setting.tenant : setting.key, key, most);
      }
    }
  }

  /** No more than the cap, or than what was served before it was there. */
  private static void checkCapsSince(
      World world, KeyLimits limits, String key, Map<String, Long> most) {
    for (Cap cap : limits.caps()) {
      boolean money = cap.what().equals(Cap.MONEY);
      long sum =
          world.used.stream()
                  .filter(used -> used.key.startsWith(key))
                  .mapToLong(used -> money ? used.cost : used.units)
                  .sum()
              + world.running.stream()
                  .filter(job -> job.key.startsWith(key))
                  .mapToLong(job -> money ? job.cost : job.units)
                  .sum();
      long allowed = Math.max(cap.limit(), most.computeIfAbsent(key + cap, first -> sum));
      assertThat(sum).as(key + " " + cap).isLessThanOrEqualTo(allowed);
    }
  }

  @net.jqwik.api.Example
  void aCrashedRoutersShareComesBackWithIt() {
    World world = new World(new Setting(KeyLimits.NONE, KeyLimits.NONE, 1));
    play(world, new Step("ask", 1, 1, 0, 1, 0));
    assertThat(world.running).hasSize(1);
    play(world, new Step("crash", 1, 1, 0, 0, 0));
    play(world, new Step("talk", 1, 1, 0, 0, 31_000));
    assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(1);

    world.lives[1] = new Life(world, 1);
    world.lives[1].talk(4);

    assertThat(world.store.taken("t:ten_1", "money")).isZero();
  }

  /** Everybody ends what runs and gives back. */
  private static void comeToRest(World world) {
    for (int at = 0; at < ROUTERS; at++) {
      if (world.lives[at] == null) {
        world.lives[at] = new Life(world, at);
      }
    }
    for (Iterator<Running> all = List.copyOf(world.running).iterator(); all.hasNext(); ) {
      Running job = all.next();
      world.lives[job.router].finish(job, job.units, job.cost);
    }
    world.running.clear();
    List.copyOf(world.places).forEach(place -> world.lives[place.router].leave(place));
    for (Life life : world.lives) {
      life.losing = 0;
      life.talk(4);
      life.table.giveAllBack(world.nanos());
      life.talk(4);
    }
    world.pass(1_000);
  }

  private static void check(World world, Setting setting) {
    checkMoney(world, setting);
    checkCaps(world, setting);
    for (String key : List.of("key_1", "key_2")) {
      checkRates(world, setting.key, key);
    }
    checkRates(world, setting.tenant, "");
  }

  private static void checkMoney(World world, Setting setting) {
    long cost = world.spent() + world.running.stream().mapToLong(Running::cost).sum();
    assertThat(cost).as("money").isLessThanOrEqualTo(setting.funded);
  }

  private static void checkCaps(World world, Setting setting) {
    for (String key : List.of("key_1", "key_2")) {
      checkCaps(world, setting.key, key);
    }
    checkCaps(world, setting.tenant, "");
  }

  private static void checkRates(World world, KeyLimits limits, String key) {
    List<Running> running = world.running.stream().filter(r -> r.key.startsWith(key)).toList();
    // An emptied store has forgotten the minute before: at most the limit once more.
    long forgotten = world.emptied.stream().filter(at -> at > world.real - 65_000).count();
    for (UnitRate rate : limits.unitsPerMinute()) {
      long units =
          world.used.stream()
                  .filter(u -> u.key.startsWith(key) && u.at > world.real - MINUTE)
                  .mapToLong(Used::rated)
                  .sum()
              + running.stream()
                  .filter(r -> r.at > world.real - MINUTE)
                  .mapToLong(Running::units)
                  .sum();
      assertThat(units).as(key + " " + rate).isLessThanOrEqualTo(rate.limit() * (1 + forgotten));
    }
    List<Started> started =
        world.started.stream()
            .filter(s -> s.key.startsWith(key) && s.at > world.real - 60_000)
            .toList();
    limits
        .requestsPerMinute()
        .ifPresent(
            limit ->
                assertThat((long) started.size())
                    .as("rpm")
                    .isLessThanOrEqualTo(limit * (1 + forgotten)));
    long places = world.places.stream().filter(place -> place.key.startsWith(key)).count();
    limits
        .concurrentRequests()
        .ifPresent(
            limit ->
                assertThat(running.size() + places).as("concurrent").isLessThanOrEqualTo(limit));
  }

  private static void checkCaps(World world, KeyLimits limits, String key) {
    List<Running> running = world.running.stream().filter(r -> r.key.startsWith(key)).toList();
    List<Used> used = world.used.stream().filter(u -> u.key.startsWith(key)).toList();
    for (Cap cap : limits.caps()) {
      boolean money = cap.what().equals(Cap.MONEY);
      long sum =
          used.stream().mapToLong(u -> money ? u.cost : u.units).sum()
              + running.stream().mapToLong(r -> money ? r.cost : r.units).sum();
      assertThat(sum).as(key + " " + cap).isLessThanOrEqualTo(cap.limit());
    }
  }
}
