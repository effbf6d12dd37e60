package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import redis.embedded.RedisServer;

/** The scripts on a real Redis against the model, over random histories. */
class AdmissionPropertyTest {
  private static final long START = 1_767_225_600_000L;
  private static final long FUNDED = 1_000;
  private static RedisServer server;
  private static Vertx vertx;
  private static RedisAPI redis;
  private static AdmissionStore store;

  @BeforeContainer
  static void startRedis() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    server = RedisServer.newRedisServer().port(port).setting("bind 127.0.0.1").build();
    server.start();
    vertx = Vertx.vertx();
    redis = RedisAPI.api(Redis.createClient(vertx, "redis://127.0.0.1:" + port));
    store = new AdmissionStore(redis);
  }

  @AfterContainer
  static void stopRedis() throws IOException {
    await(vertx.close());
    server.stop();
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /**
   * One step: what, for which hold of which key, with which amounts, milliseconds after the last.
   */
  record Step(String what, int hold, int key, long amount, long cost, long later) {}

  @Provide
  Arbitrary<List<Step>> histories() {
    return Combinators.combine(
            Arbitraries.of("admit", "admit", "settle", "sweep"),
            Arbitraries.integers().between(0, 16),
            Arbitraries.integers().between(1, 2),
            Arbitraries.longs().between(0, 5),
            Arbitraries.longs().between(0, 300),
            Arbitraries.longs().between(0, 20_000))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Provide
  Arbitrary<KeyLimits> limits() {
    return Combinators.combine(
            Arbitraries.longs().between(1, 6).optional(0.5),
            Arbitraries.longs().between(1, 12).optional(0.5),
            Arbitraries.longs().between(1, 4).optional(0.5),
            Arbitraries.longs().between(0, 12).optional(0.5),
            Arbitraries.longs().between(0, 20).optional(0.5),
            Arbitraries.longs().between(0, 900).optional(0.5))
        .as(
            (rpm, rpd, concurrent, minute, day, money) ->
                new KeyLimits(
                    rpm,
                    rpd,
                    concurrent,
                    minute.map(limit -> new UnitRate("generations", limit)).stream().toList(),
                    Stream.concat(
                            day
                                .map(limit -> new Cap("generations", Cap.Window.DAY, limit))
                                .stream(),
                            money
                                .map(limit -> new Cap(Cap.MONEY, Cap.Window.LIFETIME, limit))
                                .stream())
                        .toList()));
  }

  private static AdmissionModel fresh() {
    await(redis.flushall(List.of()));
    String epoch = await(store.epoch("epoch-1"));
    LocalDate day = LocalDate.parse("2026-01-01");
    KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
    await(store.seed(new KeyConsumption("key_1", day, none, none, none)));
    await(store.seed(new KeyConsumption("key_2", day, none, none, none)));
    await(store.seed(new TenantConsumption("ten_1", day, none, none, none)));
    await(store.fund(epoch, "ten_1", "fnd_1", NanoUsd.ofNanos(FUNDED)));
    AdmissionModel model = new AdmissionModel();
    model.available = FUNDED;
    return model;
  }

  private static Demand demand(Step step, Limits limits) {
    return new Demand(
        "req-" + step.hold,
        "ten_1",
        "key_" + step.key,
        limits,
        Units.of(Unit.GENERATIONS, step.amount),
        NanoUsd.ofNanos(step.cost),
        true,
        true,
        Duration.ofSeconds(30));
  }

  @Property(tries = 250)
  void theScriptsAgreeWithTheModelAndNothingIsEverAboveALimit(
      @ForAll("histories") List<Step> steps,
      @ForAll("limits") KeyLimits ofKey,
      @ForAll("limits") KeyLimits ofTenant,
      @ForAll("limits") KeyLimits ofPlan) {
    AdmissionModel model = fresh();
    Limits limits = new Limits(ofKey, ofTenant, ofPlan);
    long now = START;

    for (Step step : steps) {
      now += step.later;
      Demand demand = demand(step, limits);
      switch (step.what) {
        case "admit" -> {
          AdmissionStore.Reply reply = await(store.admit(demand, now));
          boolean again = counters().contains("naap:adm:h:" + demand.hold());
          assertThat(reply.getClass().getSimpleName()).isEqualTo(model.admit(demand, now));
          assertThat(again).isEqualTo(reply instanceof AdmissionStore.Reply.Taken);
        }
        case "settle" -> {
          // Within the hold's smallest possible size nothing can be overspent by settling.
          await(store.settle(demand.hold(), Units.NONE, NanoUsd.ZERO, now));
          model.settle(demand.hold(), Units.NONE, 0);
        }
        default -> {
          await(store.sweep(1_000, now));
          model.sweep(now);
        }
      }
      assertThat(available()).isEqualTo(model.available).isBetween(0L, FUNDED);
      for (Policy policy : demand.policies()) {
        long used = model.used(policy, demand.keyId(), now);
        assertThat(used).as(policy.name()).isLessThanOrEqualTo(policy.limit());
        if (policy.kind() == Policy.Kind.MINUTE) {
          assertThat(model.lastMinute(policy, demand.keyId(), now)).isLessThanOrEqualTo(used);
        }
        if (policy.kind() == Policy.Kind.DAY || policy.kind() == Policy.Kind.LIFETIME) {
          assertThat(counter(policy, demand.keyId())).as(policy.name()).isEqualTo(used);
        }
      }
    }
  }

  @Property(tries = 150)
  void settlingDebitsWhatWasUsedOnce(@ForAll("histories") List<Step> steps) {
    AdmissionModel model = fresh();
    // Far away, so that every minute, day and lifetime is counted and none refuses.
    Limits limits =
        new Limits(
            KeyLimits.NONE,
            new KeyLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new UnitRate("generations", 1_000)),
                List.of(new Cap("generations", Cap.Window.MONTH, 1_000))),
            KeyLimits.NONE);
    long now = START;

    for (Step step : steps) {
      now += step.later / 10;
      Demand demand = demand(step, limits);
      if (step.what.equals("admit")) {
        assertThat(await(store.admit(demand, now)).getClass().getSimpleName())
            .isEqualTo(model.admit(demand, now));
      } else if (step.what.equals("settle")) {
        Units units = Units.of(Unit.GENERATIONS, step.amount);
        await(store.settle(demand.hold(), units, NanoUsd.ofNanos(step.cost), now));
        await(store.settle(demand.hold(), units, NanoUsd.ofNanos(step.cost), now));
        model.settle(demand.hold(), units, step.cost);
        model.settle(demand.hold(), units, step.cost);
      } else {
        await(store.sweep(1_000, now));
        model.sweep(now);
      }
      assertThat(available()).isEqualTo(model.available);
    }
    Step probe = new Step("admit", 99, 1, 0, 0, 0);
    if (await(store.admit(demand(probe, limits), now))
        instanceof AdmissionStore.Reply.Taken taken) {
      for (Policy policy : limits.policies(true)) {
        long left = policy.limit() - model.used(policy, "key_1", now);
        assertThat(taken.policies())
            .filteredOn(state -> state.name().equals(policy.name()))
            .first()
            .satisfies(state -> assertThat(state.remaining()).isEqualTo(left));
      }
    }
  }

  @Example
  void namesWhoseLimitRefused() {
    AdmissionModel model = fresh();
    KeyLimits one =
        new KeyLimits(Optional.of(1L), Optional.empty(), Optional.empty(), List.of(), List.of());
    KeyLimits pixels =
        new KeyLimits(
            Optional.empty(),
            Optional.of(1L),
            Optional.empty(),
            List.of(new UnitRate("generations", 3)),
            List.of(new Cap(Cap.MONEY, Cap.Window.MONTH, 10)));
    Limits limits = new Limits(KeyLimits.NONE, one, pixels);
    Step first = new Step("admit", 1, 1, 3, 10, 0);
    Step second = new Step("admit", 2, 2, 1, 1, 0);

    await(store.admit(demand(first, limits), START));
    AdmissionStore.Reply refused = await(store.admit(demand(second, limits), START + 10_500));

    assertThat(model.available).isEqualTo(FUNDED);
    assertThat(refused)
        .isInstanceOfSatisfying(
            AdmissionStore.Reply.Limited.class,
            limited -> {
              assertThat(
                      limited.policies().stream()
                          .filter(PolicyState::violated)
                          .map(PolicyState::name))
                  .containsExactly(
                      "tenant-rpm", "plan-rpd", "plan-minute-generations", "plan-month-usd");
              // The bucket of the first second leaves 61 s after it began.
              assertThat(limited.policies().get(2).resetMillis()).hasValue(50_500);
            });
    assertThat(available()).isEqualTo(FUNDED - 10);
  }

  private static List<String> counters() {
    return await(redis.keys("naap:adm:h:*")).stream().map(Object::toString).toList();
  }

  private static long available() {
    return Long.parseLong(await(redis.hget("naap:adm:t:ten_1", "available")).toString());
  }

  private static long counter(Policy policy, String key) {
    String base = "naap:adm:" + (policy.owner() == Policy.Owner.KEY ? "k:" + key : "t:ten_1");
    var used =
        await(
            redis.hget(
                base + (policy.kind() == Policy.Kind.DAY ? ":d:2026-01-01" : ":l"), policy.what()));
    return used == null ? 0 : used.toLong();
  }
}
