package io.naap.router.admission;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.LeaseHistories.Step;
import io.naap.router.admission.World.Finished;
import io.naap.router.admission.World.Place;
import io.naap.router.admission.World.Running;
import io.naap.router.admission.World.Started;
import io.naap.router.admission.World.Used;
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
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One life of a router: from its start to its death. */
final class Life {
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
      if (account.name().charAt(0) == 't' || one.key().equals(id)) {
        units += one.units();
        cost += one.cost();
      }
    }
    KeyConsumption.Window window =
        new KeyConsumption.Window(Units.of(Unit.GENERATIONS, units), NanoUsd.ofNanos(cost));
    return new CounterSeed(QuotasInMemory.date(world.now()), window, window, window);
  }

  void ask(Step step) {
    String key = "key_" + step.key();
    ReservationRequest demand =
        new ReservationRequest(
            "job-" + ++world.jobs + "-0",
            "ten_1",
            key,
            new Limits(world.setting.key(), world.setting.tenant(), KeyLimits.NONE, 0),
            new ReservationRequest.Amounts(
                Units.of(Unit.GENERATIONS, step.amount()),
                Units.of(Unit.GENERATIONS, step.amount()),
                NanoUsd.ofNanos(step.cost())),
            true,
            step.cost() % 3 == 0 ? ReservationRequest.Counts.STREAM : ReservationRequest.Counts.JOB,
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
          new Running(admitted.hold(), key, world.real, step.amount(), step.cost(), index));
      world.started.add(new Started(key, world.real, step.amount()));
      world.windows.put(
          admitted.hold().id(), leases(admitted.hold()).map(QuotaLease::window).toList());
    }
  }

  /** What the ledger has for this life of the store: what is not charged yet. */
  void fund() {
    if (isHeard()) {
      long total =
          world.epochs == 0 ? world.setting.funded() : world.setting.funded() - fundedBefore();
      store.fund(leases.epoch(), "ten_1", "fnd_" + world.epochs, NanoUsd.ofNanos(total));
    }
  }

  long fundedBefore() {
    return world.chargedBefore;
  }

  void finish(Running job, long units, long cost) {
    List<UsageRecorded> spool = world.spools.get(index);
    Units measured = Units.of(Unit.GENERATIONS, Math.min(units, job.units()));
    NanoUsd price = NanoUsd.ofNanos(Math.min(cost, job.cost()));
    UsageRecorded event =
        QuotasInMemory.used(
            job.hold().id(),
            "r" + index,
            spool.size() + 1L,
            Instant.ofEpochMilli(world.now()),
            job.key(),
            measured,
            price);
    spool.add(event);
    settlement.settle(job.hold(), measured, price, event.spoolPosition(), world.nanos());
    long served = measured.get(Unit.GENERATIONS);
    long rated = world.real - job.at() < 61_000 ? served : 0;
    world.finished.add(new Finished(job.hold(), served));
    world.used.add(new Used(job.key(), world.real, served, rated, price.nanos()));
    if (job.hold().request().counts() == ReservationRequest.Counts.STREAM) {
      world.places.add(new Place(job.key(), index, job.hold().request().streamSlot()));
    }
  }

  void leave(Place place) {
    settlement.releaseSlot(place.name());
    world.places.remove(place);
  }

  static Stream<QuotaLease> leases(Hold hold) {
    return IntStream.range(0, hold.binding().size()).mapToObj(hold.binding()::lease);
  }
}
