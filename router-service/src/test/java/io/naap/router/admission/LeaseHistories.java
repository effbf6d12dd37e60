package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random histories of routers, and random limits of a key and its tenant. */
final class LeaseHistories {
  record Step(String what, int router, int key, long amount, long cost, long later) {}

  record Setting(KeyLimits key, KeyLimits tenant, long funded) {}

  private LeaseHistories() {}

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
            Arbitraries.integers().between(0, World.ROUTERS - 1),
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
            Arbitraries.integers().between(0, World.ROUTERS - 1),
            Arbitraries.integers().between(1, 2),
            Arbitraries.longs().between(0, 4),
            Arbitraries.longs().between(0, 60),
            Arbitraries.longs().between(0, 20_000))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(most);
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
}
