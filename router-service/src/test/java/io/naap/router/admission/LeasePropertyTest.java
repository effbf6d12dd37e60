package io.naap.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.router.admission.LeaseHistories.Setting;
import io.naap.router.admission.LeaseHistories.Step;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Many routers on one store that is the model, over random histories: jobs, crashes and returns,
 * calls and answers that are lost, clocks that are set, a store that is emptied. What was served is
 * counted outside of everything that decides.
 */
class LeasePropertyTest {
  @Provide
  Arbitrary<List<Step>> histories() {
    return LeaseHistories.histories(45_000, 150);
  }

  @Provide
  Arbitrary<List<Step>> historiesOverMidnight() {
    return LeaseHistories.histories(150);
  }

  @Provide
  Arbitrary<Setting> dailySettings() {
    return LeaseHistories.allDailySettings();
  }

  @Provide
  Arbitrary<Setting> settings() {
    return LeaseHistories.allSettings();
  }

  @Provide
  Arbitrary<List<Step>> historiesAlone() {
    Arbitrary<Step> alone =
        Combinators.combine(
                Arbitraries.integers().between(0, World.ROUTERS - 1),
                Arbitraries.integers().between(1, 2),
                Arbitraries.longs().between(0, 4),
                Arbitraries.longs().between(0, 60),
                Arbitraries.longs().between(0, 100_000))
            .as(
                (router, key, amount, cost, later) ->
                    new Step("alone", router, key, amount, cost, later));
    return Combinators.combine(histories(), alone.list().ofMinSize(1).ofMaxSize(10))
        .as(
            (steps, cuts) -> {
              List<Step> all = new ArrayList<>(steps);
              for (int at = 0; at < cuts.size(); at++) {
                all.add(1 + at * all.size() / cuts.size(), cuts.get(at));
              }
              return all;
            });
  }

  /** Also while the others have long taken what it had promised not to touch. */
  @Property(tries = 200)
  void aRouterThatIsNotHeardAndGoesOnOverspendsNeitherMoneyNorCaps(
      @ForAll("settings") Setting setting, @ForAll("historiesAlone") List<Step> steps) {
    World world = new World(setting);
    for (Step step : steps) {
      World.play(world, step);
      ServedChecks.checkMoney(world, setting);
      ServedChecks.checkCaps(world, setting);
    }
    World.comeToRest(world);
    if (world.epochs == 0) {
      assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(world.spent());
    }
  }

  @Property(tries = 400)
  void nothingIsServedBeyondMoneyCapsAndRates(
      @ForAll("settings") Setting setting, @ForAll("histories") List<Step> steps) {
    World world = new World(setting);
    for (Step step : steps) {
      World.play(world, step);
      ServedChecks.check(world, setting);
    }
    World.comeToRest(world);
    if (world.epochs == 0) {
      assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(world.spent());
    }
  }

  /** What was taken from a day or month counts against it, whichever day it is by now. */
  @Property(tries = 200)
  void noDayAndNoMonthIsForgottenWhenAClockIsSet(
      @ForAll("dailySettings") Setting setting, @ForAll("historiesOverMidnight") List<Step> steps) {
    World world = new World(setting);
    world.lateInTheMonth();
    for (Step step : steps) {
      World.play(world, step);
      ServedChecks.checkWindows(world);
    }
  }

  /**
   * A cap is there, is not, and is there again: what was served meanwhile counts as well, whoever
   * served it.
   */
  @Property(tries = 300)
  void capsThatComeAndGoCountWhatWasServedWithoutThem(
      @ForAll("settings") Setting setting,
      @ForAll("histories") List<Step> before,
      @ForAll("historiesOverMidnight") List<Step> without,
      @ForAll("historiesOverMidnight") List<Step> after) {
    World world = new World(setting);
    ServedChecks.comeAndGo(world, setting, before, without, after);
  }

  @net.jqwik.api.Example
  void aCrashedRoutersShareComesBackWithIt() {
    World world = new World(new Setting(KeyLimits.NONE, KeyLimits.NONE, 1));
    World.play(world, new Step("ask", 1, 1, 0, 1, 0));
    assertThat(world.running).hasSize(1);
    World.play(world, new Step("crash", 1, 1, 0, 0, 0));
    World.play(world, new Step("talk", 1, 1, 0, 0, 31_000));
    assertThat(world.store.taken("t:ten_1", "money")).isEqualTo(1);

    world.lives[1] = new Life(world, 1);
    world.lives[1].talk(4);

    assertThat(world.store.taken("t:ten_1", "money")).isZero();
  }
}
