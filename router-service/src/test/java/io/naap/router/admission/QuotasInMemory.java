package io.naap.router.admission;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
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
import io.naap.router.limit.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** The decisions of one router in memory, on a model of Redis and a clock of the test. */
abstract class QuotasInMemory {
  static final long START = 1_767_268_800_000L;

  static final KeyConsumption.Window NOTHING = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);

  final LeaseModel store = new LeaseModel(30_000, 2_000, 3_600_000);
  final QuotaTable table = new QuotaTable();
  final OpenHolds open = new OpenHolds();
  final PendingAdmissions pending = new PendingAdmissions(table, new LimitChecker(open, 100));
  final ReservationSettlement settlement = new ReservationSettlement(table, open);
  final LeaseClient leases = new LeaseClient(table, Duration.ofMillis(200));
  KeyConsumption.Window stored = NOTHING;
  long millis = 10_000;
  int calls;
  int jobs;

  long nanos() {
    return millis * 1_000_000;
  }

  static LocalDate date(long millis) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
  }

  void talk() {
    LeaseCall call = leases.compose("epoch", 0, nanos());
    calls += call.subjects().size();
    LeaseReply reply = store.of("r", () -> START + millis).lease(call).result();
    for (SubjectQuotas account : leases.apply(reply, nanos(), nanos()).toSeed()) {
      leases.seeded(
          account, new CounterSeed(date(START + millis), stored, stored, stored), leases.epoch());
    }
  }

  void begin() {
    // Until the store, whose clock makes small steps only, has been up for long enough to grant.
    for (int times = 0; times < 20; times++) {
      talk();
      millis += 250;
    }
  }

  Outcome ask(KeyLimits limits, Units units) {
    return ask("key_1", Limits.ofKey(limits), units);
  }

  Outcome ask(String key, Limits limits, Units units) {
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

  ReservationRequest demand(String key, Limits limits, Units units) {
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

  static KeyLimits limits(Optional<Long> perMinute, Optional<Long> atOnce) {
    return new KeyLimits(perMinute, Optional.empty(), atOnce, List.of(), List.of());
  }

  void settle(Outcome outcome, Units units, long position) {
    settlement.settle(((Outcome.Admitted) outcome).hold(), units, NanoUsd.ZERO, position, nanos());
  }

  LeaseReply answer(LeaseClient of) {
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

  Decision decide(String key, KeyLimits limits) {
    return pending.decide(demand(key, Limits.ofKey(limits), Units.NONE), nanos());
  }

  static KeyLimits everGenerations(long limit) {
    return new KeyLimits(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(new Cap("generations", Cap.Window.LIFETIME, limit)));
  }

  static Units generations(long count) {
    return Units.of(Unit.GENERATIONS, count);
  }
}
