package io.naap.router.admission;

import static io.naap.router.OwnRedis.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.OwnRedis;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.RedisLeaseStore;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.Limits;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Jobs on several real event loops, which take and settle holds while one more talks to a real
 * Redis: no cap serves more than it says, and Redis' books add up in the end.
 */
class ConcurrentAdmissionTest {
  private static final int ROUNDS = 1_000;
  private static final int LOOPS = 4;
  private static final int JOBS = 40;

  private static OwnRedis server;
  private static RedisAPI redis;
  private static Vertx vertx;

  @BeforeAll
  static void start() throws IOException {
    server = OwnRedis.start();
    redis = server.api();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws IOException {
    await(vertx.close());
    server.close();
  }

  /** A router of its own event loops, on accounts that nobody else uses. */
  private static final class Router {
    final QuotaTable table = new QuotaTable();
    final OpenHolds open = new OpenHolds();
    final PendingAdmissions pending = new PendingAdmissions(table, new LimitChecker(open, 100));
    final ReservationSettlement settlement = new ReservationSettlement(table, open);
    final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(1));
    final RedisLeaseStore store;
    final Context talking = contexts(1).getFirst();
    final AtomicBoolean asking = new AtomicBoolean();

    Router(String name) {
      store =
          new RedisLeaseStore(
              redis,
              name,
              Duration.ofSeconds(30),
              Duration.ZERO,
              Duration.ofHours(1),
              Duration.ofSeconds(5),
              () -> 0,
              () -> "run");
    }

    void kick() {
      talking.runOnContext(now -> talk());
    }

    /** As the router does it: one call at a time, and the next as soon as something is due. */
    void talk() {
      if (!asking.compareAndSet(false, true)) {
        return;
      }
      long asked = System.nanoTime();
      store
          .lease(leases.compose("epoch", 0, asked))
          .onComplete(
              done ->
                  talking.runOnContext(
                      now -> {
                        asking.set(false);
                        answered(done.result(), asked);
                      }));
    }

    private void answered(LeaseReply reply, long asked) {
      LeaseClient.Next next = leases.apply(reply, asked, System.nanoTime());
      for (SubjectQuotas account : next.toSeed()) {
        KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
        CounterSeed seed =
            new CounterSeed(QuotasInMemory.date(System.currentTimeMillis()), none, none, none);
        leases.seeded(account, seed, leases.epoch());
      }
      for (TenantQuotas tenant : next.answered()) {
        PendingAdmissions.Resolved resolved =
            pending.resolve(tenant, Duration.ofSeconds(20).toNanos(), System.nanoTime());
        for (int at = 0; at < resolved.done().size(); at++) {
          resolved.done().get(at).outcome.tryComplete(resolved.outcomes().get(at));
        }
        resolved.later().forEach(waiting -> pending.askAgain(waiting, System.nanoTime()));
      }
      if (leases.hasDue()) {
        talk();
      }
    }

    Future<Outcome> admit(ReservationRequest demand) {
      return switch (pending.decide(demand, System.nanoTime())) {
        case Decision.Decided decided -> Future.succeededFuture(decided.outcome());
        case Decision.Asking asking -> {
          kick();
          yield asking.waiting().outcome.future();
        }
      };
    }
  }

  private static List<Context> contexts(int loops) {
    List<Context> all = new ArrayList<>();
    for (int at = 0; at < loops; at++) {
      Promise<Context> started = Promise.promise();
      vertx.deployVerticle(
          new AbstractVerticle() {
            @Override
            public void start() {
              started.complete(context);
            }
          },
          new DeploymentOptions());
      all.add(await(started.future()));
    }
    return all;
  }

  @Test
  void noCapServesMoreThanItSaysOnManyLoops() {
    List<Context> loops = contexts(LOOPS);
    Router router = new Router("router");
    await(redis.flushall(List.of()));
    String today = QuotasInMemory.date(System.currentTimeMillis()).toString();

    for (int round = 0; round < ROUNDS; round++) {
      long cap = 10L + round % 25;
      AtomicInteger served = new AtomicInteger();
      AtomicInteger left = new AtomicInteger(JOBS);
      AtomicLong position = new AtomicLong();
      Promise<Void> ended = Promise.promise();
      String tenant = "ten_" + round;
      String key = "key_" + round;
      for (int job = 0; job < JOBS; job++) {
        String hold = round + "x" + job + "-0";
        boolean used = job % 3 != 0;
        ReservationRequest demand = demand(hold, tenant, key, cap);
        loops
            .get(job % LOOPS)
            .runOnContext(
                now ->
                    router
                        .admit(demand)
                        .onSuccess(
                            outcome -> {
                              if (outcome instanceof Outcome.Admitted admitted) {
                                served.addAndGet(used ? 1 : 0);
                                router.settlement.settle(
                                    admitted.hold(),
                                    Units.of(Unit.GENERATIONS, used ? 1 : 0),
                                    NanoUsd.ZERO,
                                    position.incrementAndGet(),
                                    System.nanoTime());
                                router.kick();
                              }
                              if (left.decrementAndGet() == 0) {
                                ended.complete();
                              }
                            })
                        .onFailure(ended::tryFail));
      }
      await(ended.future().timeout(30, TimeUnit.SECONDS));

      assertThat((long) served.get()).as("round %d", round).isLessThanOrEqualTo(cap);
    }
    router.talking.runOnContext(
        now -> {
          router.table.giveAllBack(System.nanoTime());
          router.talk();
        });
    drained(router);

    for (int round = 0; round < ROUNDS; round++) {
      String field = "d." + today + ".generations";
      String books = String.valueOf(await(redis.hget("naap:adm:k:key_" + round, field)));
      assertThat(books).as("round %d", round).matches("\\d+/0");
    }
  }

  /** Waits until Redis has been told everything. */
  private static void drained(Router router) {
    for (int look = 0; look < 1_000; look++) {
      Promise<Boolean> quiet = Promise.promise();
      router.talking.runOnContext(
          now -> {
            boolean done = !router.asking.get() && !router.leases.hasDue();
            if (!done) {
              router.talk();
            }
            quiet.complete(done);
          });
      if (await(quiet.future())) {
        return;
      }
      await(vertx.timer(5));
    }
    throw new AssertionError("the router still has something to say");
  }

  private static ReservationRequest demand(String hold, String tenant, String key, long cap) {
    KeyLimits limits =
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new Cap("generations", Cap.Window.DAY, cap)));
    return new ReservationRequest(
        hold,
        tenant,
        key,
        Limits.ofKey(limits),
        new ReservationRequest.Amounts(
            Units.of(Unit.GENERATIONS, 1), Units.of(Unit.GENERATIONS, 1), NanoUsd.ZERO),
        false,
        ReservationRequest.Counts.JOB,
        Duration.ofMinutes(10));
  }
}
