package io.naap.router.admission;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.LeaseHistories.Setting;
import io.naap.router.admission.LeaseHistories.Step;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.quota.Hold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything outside Redis: the routers, their clock, and what was served. */
final class World {
  private static final long START = 1_767_268_800_000L;
  static final int ROUTERS = 3;

  /**
   * What was settled.
   *
   * @param rated of the units, what counts against the minute: a job of more than a minute does not
   */
  record Used(String key, long at, long units, long rated, long cost) {}

  record Finished(Hold hold, long units) {}

  record Started(String key, long at, long units) {}

  record Running(Hold hold, String key, long at, long units, long cost, int router) {}

  /** The place of a stream of which a stretch has been settled. */
  record Place(String key, int router, String name) {}

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

  static void play(World world, Step step) {
    Life life = world.lives[step.router()];
    switch (step.what()) {
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
      case "talk" -> world.pass(step.later());
      case "lose answer" -> {
        if (life != null) {
          life.losing = 2;
        }
      }
      case "crash" -> {
        world.lives[step.router()] = null;
        world.running.removeIf(job -> job.router() == step.router());
        world.places.removeIf(place -> place.router() == step.router());
      }
      case "restart" -> {
        if (life == null) {
          world.lives[step.router()] = new Life(world, step.router());
          world.lives[step.router()].talk(4);
        }
      }
      case "set clock" -> world.set += (step.cost() - 30) * 4_000;
      case "empty" -> {
        // The ledger closes the older funding: what was charged is gone, the rest is there anew.
        world.chargedBefore = world.spent();
        world.epochs++;
        world.emptied.add(world.real);
        world.store = new LeaseModel(30_000, 2_000, 3_600_000);
        if (world.twin != null && step.cost() % 2 == 0) {
          world.twin.begin();
        } else if (world.twin != null) {
          world.twin.restarted();
        }
        world.everybodyTalks();
        world.pass(3_000);
      }
      case "outage" -> {
        world.away = true;
        world.real += step.later();
        if (life != null) {
          life.ask(step);
          life.ask(step);
        }
        finishOne(world, step);
        world.away = false;
      }
      case "alone" -> {
        world.alone = step.router();
        world.pass(step.later());
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
  static void finishOne(World world, Step step) {
    world.running.stream()
        .filter(job -> job.router() == step.router())
        .findFirst()
        .ifPresentOrElse(
            job -> {
              world.running.remove(job);
              world.lives[step.router()].finish(job, step.amount(), step.cost());
            },
            () ->
                world.places.stream()
                    .filter(place -> place.router() == step.router())
                    .findFirst()
                    .ifPresent(place -> world.lives[step.router()].leave(place)));
  }

  /** Everybody ends what runs and gives back. */
  static void comeToRest(World world) {
    for (int at = 0; at < ROUTERS; at++) {
      if (world.lives[at] == null) {
        world.lives[at] = new Life(world, at);
      }
    }
    for (Iterator<Running> all = List.copyOf(world.running).iterator(); all.hasNext(); ) {
      Running job = all.next();
      world.lives[job.router()].finish(job, job.units(), job.cost());
    }
    world.running.clear();
    List.copyOf(world.places).forEach(place -> world.lives[place.router()].leave(place));
    for (Life life : world.lives) {
      life.losing = 0;
      life.talk(4);
      life.table.giveAllBack(world.nanos());
      life.talk(4);
    }
    world.pass(1_000);
  }
}
