package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.limit.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The decisions of one router, on a model of Redis and a clock of the test. */
final class OneRouter {
  private static final long START = 1_767_268_800_000L;
  private static final KeyConsumption.Window NOTHING =
      new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);

  final LeaseModel redis;
  final QuotaTable table = new QuotaTable();
  final OpenHolds holds = new OpenHolds();
  final PendingAdmissions pending = new PendingAdmissions(table, new LimitChecker(holds, 100));
  final ReservationSettlement settlement = new ReservationSettlement(table, holds);
  final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(200));
  long millis;
  private int jobs;

  OneRouter() {
    this(new LeaseModel(30_000, 2_000, 3_600_000), 10_000);
    for (int times = 0; times < 20; times++) {
      call();
      millis += 250;
    }
  }

  OneRouter(LeaseModel redis, long millis) {
    this.redis = redis;
    this.millis = millis;
  }

  long nanos() {
    return millis * 1_000_000;
  }

  /** One lease call. */
  LeaseReply call() {
    LeaseReply reply =
        redis.of("r", () -> START + millis).lease(leases.compose("epoch", 0, nanos())).result();
    for (SubjectQuotas subject : leases.apply(reply, nanos(), nanos()).toSeed()) {
      CounterSeed seed =
          new CounterSeed(QuotasInMemory.date(START + millis), NOTHING, NOTHING, NOTHING);
      leases.seeded(subject, seed, leases.epoch());
    }
    return reply;
  }

  void callWhileDue() {
    call();
    while (leases.hasDue()) {
      call();
    }
  }

  static KeyLimits atOnce(long limit) {
    return new KeyLimits(
        Optional.empty(), Optional.empty(), Optional.of(limit), List.of(), List.of());
  }

  static KeyLimits lifetime(long generations) {
    return new KeyLimits(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(new Cap("generations", Cap.Window.LIFETIME, generations)));
  }

  ReservationRequest request(KeyLimits limits, long generations, long cost) {
    Units units = Units.of(Unit.GENERATIONS, generations);
    return new ReservationRequest(
        "job-" + ++jobs + "-0",
        "ten_1",
        "key_1",
        Limits.ofKey(limits),
        new ReservationRequest.Amounts(units, units, NanoUsd.ofNanos(cost)),
        cost > 0,
        ReservationRequest.Counts.JOB,
        Duration.ofMinutes(10));
  }

  /** Decides a job, with as many lease calls as it takes. */
  Outcome admit(KeyLimits limits, long generations) {
    return switch (pending.decide(request(limits, generations, 0), nanos())) {
      case Decision.Decided decided -> decided.outcome();
      case Decision.Asking asking -> {
        callWhileDue();
        yield pending
            .resolve(asking.waiting().tenant, Long.MAX_VALUE, nanos())
            .outcomes()
            .getFirst();
      }
    };
  }

  Hold hold(KeyLimits limits, long generations) {
    return ((Outcome.Admitted) admit(limits, generations)).hold();
  }

  /** What Redis counts as used or leased of a lifetime cap, when nothing is kept here. */
  long countedByRedis() {
    table.giveAllBack(nanos());
    callWhileDue();
    return redis.taken("k:key_1", "l.generations");
  }
}
