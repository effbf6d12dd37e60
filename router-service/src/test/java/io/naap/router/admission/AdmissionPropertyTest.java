package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
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
  private static final long CAP = 12;
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

  /** One step: what, for which hold, with which amounts, so many milliseconds after the last. */
  record Step(String what, int hold, long amount, long cost, long later) {}

  @Provide
  Arbitrary<List<Step>> histories() {
    return Combinators.combine(
            Arbitraries.of("admit", "admit", "settle", "sweep"),
            Arbitraries.integers().between(0, 12),
            Arbitraries.longs().between(0, 5),
            Arbitraries.longs().between(0, 300),
            Arbitraries.longs().between(0, 20_000))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 150)
  void theScriptsAgreeWithTheModelAndNothingIsOverspent(@ForAll("histories") List<Step> steps) {
    await(redis.flushall(List.of()));
    String epoch = await(store.epoch("epoch-1"));
    KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
    await(store.seed(new KeyConsumption("key_1", LocalDate.parse("2026-01-01"), none, none, none)));
    await(store.fund(epoch, "ten_1", "fnd_1", NanoUsd.ofNanos(FUNDED)));
    AdmissionModel model = new AdmissionModel();
    model.available = FUNDED;
    KeyLimits limits =
        new KeyLimits(
            Optional.of(4L),
            Optional.of(9L),
            Optional.of(3L),
            List.of(
                new Cap("generations", Cap.Window.DAY, CAP),
                new Cap(Cap.MONEY, Cap.Window.LIFETIME, 900)));
    long now = START;

    for (Step step : steps) {
      now += step.later;
      String hold = "req-" + step.hold;
      switch (step.what) {
        case "admit" -> {
          Demand demand =
              new Demand(
                  hold,
                  "ten_1",
                  "key_1",
                  limits,
                  Units.of(Unit.GENERATIONS, step.amount),
                  NanoUsd.ofNanos(step.cost),
                  true,
                  true,
                  Duration.ofSeconds(30));
          String said = await(store.admit(demand, now)).getClass().getSimpleName();
          assertThat(said).isEqualTo(model.admit(demand, now));
        }
        case "settle" -> {
          // Within the hold's smallest possible size nothing can be overspent by settling.
          await(store.settle(hold, Units.NONE, NanoUsd.ZERO, now));
          model.settle(hold, Units.NONE, 0);
        }
        default -> {
          await(store.sweep(1_000, now));
          model.sweep(now);
        }
      }
      long available =
          Long.parseLong(await(redis.hget("naap:adm:t:ten_1", "available")).toString());
      assertThat(available).isEqualTo(model.available).isBetween(0L, FUNDED);
      var used = await(redis.hget("naap:adm:k:key_1:d:2026-01-01", "generations"));
      assertThat(used == null ? 0 : used.toLong()).isBetween(0L, CAP);
    }
  }

  @Property(tries = 60)
  void settlingDebitsWhatWasUsedOnce(@ForAll("histories") List<Step> steps) {
    await(redis.flushall(List.of()));
    String epoch = await(store.epoch("epoch-1"));
    KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
    await(store.seed(new KeyConsumption("key_1", LocalDate.parse("2026-01-01"), none, none, none)));
    await(store.fund(epoch, "ten_1", "fnd_1", NanoUsd.ofNanos(FUNDED)));
    AdmissionModel model = new AdmissionModel();
    model.available = FUNDED;
    long now = START;

    for (Step step : steps) {
      now += step.later / 10;
      String hold = "req-" + step.hold;
      if (step.what.equals("admit")) {
        Demand demand =
            new Demand(
                hold,
                "ten_1",
                "key_1",
                KeyLimits.NONE,
                Units.of(Unit.PIXELS, step.amount),
                NanoUsd.ofNanos(step.cost),
                true,
                true,
                Duration.ofSeconds(30));
        assertThat(await(store.admit(demand, now)).getClass().getSimpleName())
            .isEqualTo(model.admit(demand, now));
      } else if (step.what.equals("settle")) {
        Units units = Units.of(Unit.PIXELS, step.amount);
        await(store.settle(hold, units, NanoUsd.ofNanos(step.cost), now));
        await(store.settle(hold, units, NanoUsd.ofNanos(step.cost), now));
        model.settle(hold, units, step.cost);
        model.settle(hold, units, step.cost);
      } else {
        await(store.sweep(1_000, now));
        model.sweep(now);
      }
      assertThat(await(redis.hget("naap:adm:t:ten_1", "available")).toString())
          .isEqualTo(Long.toString(model.available));
    }
  }
}
