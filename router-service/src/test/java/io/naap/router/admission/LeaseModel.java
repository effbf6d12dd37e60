package io.naap.router.admission;

import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.LeaseGrant;
import io.naap.router.admission.quota.LeaseWish;
import io.naap.router.admission.quota.LimitedAmount;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The store in plain Java: what the lease script must do. One instance is one life of Redis. */
final class LeaseModel {
  private static final long STEP = 500;
  private static final long DAY = 86_400_000;

  final long lease;
  final long rebuild;
  final long givenUp;
  private final Map<String, Counter> counters = new TreeMap<>();
  private final Map<String, Boolean> seeded = new TreeMap<>();
  private final Map<String, Router> routers = new TreeMap<>();
  private final Map<String, Router> lost = new TreeMap<>();
  private final Map<String, Long> recalls = new TreeMap<>();
  private final Map<String, String> fundings = new TreeMap<>();
  private final Map<String, Long> totals = new TreeMap<>();
  private String epoch;
  private long clock;
  private long machine;
  private long today;
  private long swept;
  private int live = 1;
  private boolean begun;

  LeaseModel(long lease, long rebuild, long givenUp) {
    this.lease = lease;
    this.rebuild = rebuild;
    this.givenUp = givenUp;
  }

  /** Used and out of one amount; of what looks back a minute, used by second. */
  private static final class Counter {
    long used;
    long out;
    final TreeMap<Long, Long> seconds = new TreeMap<>();

    long used(long second) {
      seconds.headMap(second - 60).clear();
      return seconds.values().stream().mapToLong(Long::longValue).sum() + used;
    }
  }

  private static final class Router {
    long call = -1;

    /** The call before the last welcome. */
    long before = -1;

    LeaseReply reply;
    long until;
    long lostAt;

    /** By subject and field: held and kept. */
    final Map<String, Map<String, long[]>> out = new TreeMap<>();

    final Map<String, Long> positions = new TreeMap<>();
  }

  /** The way of one router to this store. */
  LeaseStore of(String instance, java.util.function.LongSupplier now) {
    return new LeaseStore() {
      @Override
      public Future<LeaseReply> lease(LeaseCall call) {
        return Future.succeededFuture(answer(instance, call, now.getAsLong()));
      }

      @Override
      public Future<Void> fund(String ofEpoch, String tenant, String funding, NanoUsd total) {
        if (ofEpoch.equals(epoch)) {
          String key = "t:" + tenant;
          fundings.put(key, funding);
          long known = totals.getOrDefault(key, 0L);
          if (total.nanos() > known) {
            totals.put(key, total.nanos());
          }
        }
        return Future.succeededFuture();
      }
    };
  }

  private static boolean looksBack(String field) {
    return field.equals("rpm") || field.startsWith("u.");
  }

  private Counter counter(String subject, String field) {
    return counters.computeIfAbsent(subject + " " + field, fresh -> new Counter());
  }

  /** Everything that is used or out, of one amount. */
  long taken(String subject, String field) {
    Counter counter = counter(subject, field);
    return counter.used(clock / 1_000) + counter.out;
  }

  LeaseReply answer(String me, LeaseCall call, long now) {
    if (epoch == null) {
      epoch = call.freshEpoch();
    }
    today = now;
    long step = begun ? now - machine : 0;
    if (!begun || step < 0 || step >= 100) {
      clock += Math.min(Math.max(step, 0), STEP);
      machine = now;
    }
    long at = step >= 0 && step < 100 && begun ? clock + step : clock;
    begun = true;
    long kept = clock;
    clock = at;
    try {
      return answer(me, call);
    } finally {
      // Persisted only in steps of 100 ms, like the store does.
      clock = at == kept ? clock : kept;
    }
  }

  private LeaseReply answer(String me, LeaseCall call) {
    if (!call.epoch().equals(epoch) && !call.hello()) {
      return new LeaseReply.OtherEpoch(epoch, clock);
    }
    if (swept + 1_000 <= clock) {
      sweep(me);
    }
    String date = Instant.ofEpochMilli(today).atZone(ZoneOffset.UTC).toLocalDate().toString();
    long tilDay = DAY - Math.floorMod(today, DAY);
    if (call.hello()) {
      Router back = lost.remove(me);
      Router router = back != null ? back : routers.getOrDefault(me, new Router());
      long last = router.call == call.number() ? router.before : router.call;
      router.before = last;
      router.call = call.number();
      router.reply = null;
      router.until = clock + lease;
      routers.put(me, router);
      Map<String, Map<String, Long>> out = new LinkedHashMap<>();
      router.out.forEach(
          (subject, amounts) -> {
            Map<String, Long> held = new LinkedHashMap<>();
            amounts.forEach((field, one) -> held.put(field, one[0]));
            out.put(subject, held);
          });
      return new LeaseReply.Welcome(
          epoch, clock, date, tilDay, last, out, Map.copyOf(router.positions));
    }
    Router router = routers.get(me);
    if (router == null) {
      return new LeaseReply.Gone(epoch, clock);
    }
    if (router.call == call.number()) {
      return router.reply;
    }
    List<LeaseReply.Subject> subjects = new ArrayList<>();
    for (LeaseCall.Subject subject : call.subjects()) {
      subjects.add(subject(router, subject, date));
    }
    router.call = call.number();
    router.until = clock + lease;
    List<String> recalled =
        recalls.entrySet().stream()
            .filter(one -> one.getValue() >= call.since())
            .map(Map.Entry::getKey)
            .toList();
    router.reply = new LeaseReply.Done(epoch, clock, date, tilDay, subjects, recalled, Map.of());
    return router.reply;
  }

  private LeaseReply.Subject subject(Router router, LeaseCall.Subject asked, String date) {
    Map<String, long[]> held =
        router.out.computeIfAbsent(asked.subject(), fresh -> new TreeMap<>());
    router.positions.put(asked.subject(), asked.position());
    LeaseReply.Status status = LeaseReply.Status.OK;
    beginAnew(asked, date);
    for (LeaseWish wish : asked.wishes()) {
      String flag = asked.subject() + " " + wish.name();
      if (isWindowed(wish.name()) && wish.limit() >= 0 && !seeded.containsKey(flag)) {
        CounterSeed.Start start = asked.starts().get(wish.name().substring(2));
        if (start == null || !start.date().startsWith(window(wish.name(), date))) {
          status = LeaseReply.Status.SEED;
        } else {
          seeded.put(flag, true);
          counter(asked.subject(), field(wish, date)).used +=
              switch (wish.name().charAt(0)) {
                case 'd' -> start.day();
                case 'm' -> start.month();
                default -> start.lifetime();
              };
        }
      }
    }
    if (clock < rebuild) {
      status = LeaseReply.Status.WAIT;
    }
    List<LeaseGrant> got = new ArrayList<>();
    for (LeaseWish wish : asked.wishes()) {
      got.add(amount(held, asked.subject(), wish, date, status, asked.anew()));
    }
    held.values().removeIf(one -> one[0] == 0);
    if (held.isEmpty()) {
      router.out.remove(asked.subject());
      router.positions.remove(asked.subject());
    }
    return new LeaseReply.Subject(asked.subject(), status, got);
  }

  private void beginAnew(LeaseCall.Subject asked, String date) {
    List<String> counted =
        asked.wishes().stream()
            .filter(wish -> wish.limit() >= 0)
            .map(LeaseWish::name)
            .filter(name -> !asked.anew().contains(";" + name + ";"))
            .toList();
    String whose = asked.subject() + " ";
    for (String flag : List.copyOf(seeded.keySet())) {
      String name = flag.substring(flag.indexOf(' ') + 1);
      if (flag.startsWith(whose) && !counted.contains(name)) {
        seeded.remove(flag);
        counter(asked.subject(), field(name, date)).used = 0;
      }
    }
  }

  private static boolean isWindowed(String name) {
    return name.startsWith("d.") || name.startsWith("m.") || name.startsWith("l.");
  }

  private static String window(String name, String date) {
    return name.startsWith("d.") ? date : name.startsWith("m.") ? date.substring(0, 7) : "";
  }

  private static String field(LeaseWish wish, String date) {
    return field(wish.name(), date);
  }

  private static String field(String name, String date) {
    String window = window(name, date);
    return window.isEmpty() ? name : name.charAt(0) + "." + window + name.substring(1);
  }

  private LeaseGrant amount(
      Map<String, long[]> held,
      String subject,
      LeaseWish wish,
      String date,
      LeaseReply.Status status,
      String anew) {
    String name = wish.name();
    boolean money = name.equals(LimitedAmount.MONEY);
    String window = window(name, date);
    boolean over = !window.equals(wish.window());
    String field = field(wish, date);
    if (over && !wish.window().isEmpty()) {
      held.remove(name.charAt(0) + "." + wish.window() + name.substring(1));
    }
    Counter counter = counter(subject, field);
    long[] has = held.get(field);
    long carried = has == null && !over ? wish.told().has() : 0;
    long before = has == null ? carried : has[0];
    long back = over ? 0 : wish.told().back();
    long spent = over ? 0 : spend(counter, wish);
    if (isWindowed(name) && (wish.limit() < 0 || anew.contains(";" + name + ";"))) {
      counter.used = 0;
    }
    long after = before - spent - back;
    long forced = Math.max(0, -after);
    counter.out += carried - spent - back;
    long free =
        (money
                ? totals.getOrDefault(subject, 0L) - counter.used - counter.out
                : wish.limit() - counter.used(clock / 1_000) - counter.out)
            - forced;
    long given = 0;
    if (status == LeaseReply.Status.OK && wish.asked().need() + wish.asked().want() > 0) {
      given = Math.max(0, Math.min(wish.asked().need(), free));
      if (free > wish.asked().need()) {
        given +=
            Math.max(0, Math.min(wish.asked().want(), (free - wish.asked().need()) / (4L * live)));
      }
    }
    long granted = forced + given;
    counter.out += granted;
    long holds = after + granted;
    long keeps =
        money || isWindowed(name)
            ? Math.min(
                Math.max(0, holds),
                wish.asked().kept() + Math.max(0, (given - wish.asked().need()) / 2))
            : 0;
    held.put(field, new long[] {holds, keeps});
    long elsewhere = Math.max(0, counter.out - holds);
    if (status == LeaseReply.Status.OK && granted < wish.asked().need() && elsewhere > 0) {
      recalls.put(subject, clock);
    }
    return new LeaseGrant(
        granted,
        keeps,
        money ? free - given : counter.used(clock / 1_000) + counter.out,
        0,
        window,
        elsewhere,
        money ? totals.getOrDefault(subject, 0L) : 0,
        money ? fundings.getOrDefault(subject, "") : "");
  }

  private long spend(Counter counter, LeaseWish wish) {
    if (!looksBack(wish.name())) {
      long spent = Long.parseLong(wish.told().spent());
      counter.used += spent;
      return spent;
    }
    long sum = 0;
    for (String part :
        wish.told().spent().isEmpty() ? new String[0] : wish.told().spent().split(",", -1)) {
      String[] pair = part.split(":", -1);
      long second = clock / 1_000 - Long.parseLong(pair[0]);
      sum += Long.parseLong(pair[1]);
      if (second >= clock / 1_000 - 60) {
        counter.seconds.merge(second, Long.parseLong(pair[1]), Long::sum);
      }
    }
    return sum;
  }

  private void sweep(String me) {
    swept = clock;
    routers.entrySet().stream()
        .filter(one -> one.getValue().until < clock)
        .min(
            java.util.Comparator.comparingLong(
                    (Map.Entry<String, Router> one) -> one.getValue().until)
                .thenComparing(Map.Entry::getKey))
        .filter(one -> !one.getKey().equals(me))
        .ifPresent(
            one -> {
              String name = one.getKey();
              Router dead = routers.remove(name);
              dead.out.forEach((subject, held) -> takeBack(subject, held, false));
              dead.out.values().removeIf(Map::isEmpty);
              dead.positions.keySet().retainAll(dead.out.keySet());
              dead.lostAt = clock;
              lost.put(name, dead);
            });
    lost.entrySet().stream()
        .filter(one -> one.getValue().lostAt < clock - givenUp)
        .findFirst()
        .ifPresent(
            one -> {
              Router gone = lost.remove(one.getKey());
              gone.out.forEach((subject, held) -> takeBack(subject, held, true));
            });
    recalls.values().removeIf(at -> at <= clock - 5_000);
    live = Math.max(1, routers.size());
  }

  private void takeBack(String subject, Map<String, long[]> held, boolean all) {
    for (String field : List.copyOf(held.keySet())) {
      long[] one = held.get(field);
      Counter counter = counter(subject, field);
      if (looksBack(field) || field.equals("c")) {
        counter.out -= one[0];
        if (looksBack(field) && one[0] > 0) {
          counter.seconds.merge(clock / 1_000, one[0], Long::sum);
        }
        held.remove(field);
      } else {
        long returned = all ? one[0] : one[1];
        counter.out -= returned;
        one[0] -= returned;
        one[1] = 0;
        if (one[0] == 0) {
          held.remove(field);
        }
      }
    }
  }
}
