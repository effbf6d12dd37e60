package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import io.naap.router.admission.LeaseHistories.Setting;
import io.naap.router.admission.LeaseHistories.Step;
import io.naap.router.admission.World.Running;
import io.naap.router.admission.World.Started;
import io.naap.router.admission.World.Used;
import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.QuotaLease;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checks what was served against money, caps and rates, apart from everything that decides. */
final class ServedChecks {
  /** A minute is up to half a second shorter for each time a clock is set. */
  private static final long MINUTE = 58_000;

  private ServedChecks() {}

  static void checkWindows(World world) {
    Map<String, Long> sums = new TreeMap<>();
    world.running.forEach(job -> count(world, sums, job.hold(), job.units()));
    world.finished.forEach(job -> count(world, sums, job.hold(), job.units()));
    for (Cap cap : world.setting.key().caps()) {
      checkWindow(sums, cap, "k:");
    }
    for (Cap cap : world.setting.tenant().caps()) {
      checkWindow(sums, cap, "t:");
    }
  }

  static void count(World world, Map<String, Long> sums, Hold hold, long units) {
    List<QuotaLease> leases = Life.leases(hold).toList();
    for (int at = 0; at < leases.size(); at++) {
      QuotaLease share = leases.get(at);
      if (share.amount().hasWindow()) {
        String window = world.windows.get(hold.id()).get(at);
        sums.merge(
            share.subject().name() + " " + share.amount().name() + " " + window, units, Long::sum);
      }
    }
  }

  static void checkWindow(Map<String, Long> sums, Cap cap, String whose) {
    String name = cap.window() == Cap.Window.DAY ? " d." : " m.";
    sums.forEach(
        (window, sum) -> {
          if (window.startsWith(whose) && window.contains(name)) {
            assertThat(sum).as(window).isLessThanOrEqualTo(cap.limit());
          }
        });
  }

  static void comeAndGo(
      World world, Setting setting, List<Step> before, List<Step> without, List<Step> after) {
    before.forEach(step -> World.play(world, step));
    World.comeToRest(world);
    world.setting = new Setting(KeyLimits.NONE, KeyLimits.NONE, setting.funded());
    without.forEach(step -> World.play(world, step));
    World.comeToRest(world);
    world.setting = setting;
    Map<String, Long> most = new TreeMap<>();
    for (Step step : after) {
      World.play(world, step);
      for (String key : List.of("key_1", "key_2", "")) {
        checkCapsSince(world, key.isEmpty() ? setting.tenant() : setting.key(), key, most);
      }
    }
  }

  /** No more than the cap, or than what was served before it was there. */
  static void checkCapsSince(World world, KeyLimits limits, String key, Map<String, Long> most) {
    for (Cap cap : limits.caps()) {
      boolean money = cap.what().equals(Cap.MONEY);
      long sum =
          world.used.stream()
                  .filter(used -> used.key().startsWith(key))
                  .mapToLong(used -> money ? used.cost() : used.units())
                  .sum()
              + world.running.stream()
                  .filter(job -> job.key().startsWith(key))
                  .mapToLong(job -> money ? job.cost() : job.units())
                  .sum();
      long allowed = Math.max(cap.limit(), most.computeIfAbsent(key + cap, first -> sum));
      assertThat(sum).as(key + " " + cap).isLessThanOrEqualTo(allowed);
    }
  }

  static void check(World world, Setting setting) {
    checkMoney(world, setting);
    checkCaps(world, setting);
    for (String key : List.of("key_1", "key_2")) {
      checkRates(world, setting.key(), key);
    }
    checkRates(world, setting.tenant(), "");
  }

  static void checkMoney(World world, Setting setting) {
    long cost = world.spent() + world.running.stream().mapToLong(Running::cost).sum();
    assertThat(cost).as("money").isLessThanOrEqualTo(setting.funded());
  }

  static void checkCaps(World world, Setting setting) {
    for (String key : List.of("key_1", "key_2")) {
      checkCaps(world, setting.key(), key);
    }
    checkCaps(world, setting.tenant(), "");
  }

  static void checkRates(World world, KeyLimits limits, String key) {
    List<Running> running = world.running.stream().filter(r -> r.key().startsWith(key)).toList();
    // An emptied store has forgotten the minute before: at most the limit once more.
    long forgotten = world.emptied.stream().filter(at -> at > world.real - 65_000).count();
    for (UnitRate rate : limits.unitsPerMinute()) {
      long units =
          world.used.stream()
                  .filter(u -> u.key().startsWith(key) && u.at() > world.real - MINUTE)
                  .mapToLong(Used::rated)
                  .sum()
              + running.stream()
                  .filter(r -> r.at() > world.real - MINUTE)
                  .mapToLong(Running::units)
                  .sum();
      assertThat(units).as(key + " " + rate).isLessThanOrEqualTo(rate.limit() * (1 + forgotten));
    }
    List<Started> started =
        world.started.stream()
            .filter(s -> s.key().startsWith(key) && s.at() > world.real - 60_000)
            .toList();
    limits
        .requestsPerMinute()
        .ifPresent(
            limit ->
                assertThat((long) started.size())
                    .as("rpm")
                    .isLessThanOrEqualTo(limit * (1 + forgotten)));
    long places = world.places.stream().filter(place -> place.key().startsWith(key)).count();
    limits
        .concurrentRequests()
        .ifPresent(
            limit ->
                assertThat(running.size() + places).as("concurrent").isLessThanOrEqualTo(limit));
  }

  static void checkCaps(World world, KeyLimits limits, String key) {
    List<Running> running = world.running.stream().filter(r -> r.key().startsWith(key)).toList();
    List<Used> used = world.used.stream().filter(u -> u.key().startsWith(key)).toList();
    for (Cap cap : limits.caps()) {
      boolean money = cap.what().equals(Cap.MONEY);
      long sum =
          used.stream().mapToLong(u -> money ? u.cost() : u.units()).sum()
              + running.stream().mapToLong(r -> money ? r.cost() : r.units()).sum();
      assertThat(sum).as(key + " " + cap).isLessThanOrEqualTo(cap.limit());
    }
  }
}
