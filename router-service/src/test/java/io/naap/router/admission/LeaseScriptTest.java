package io.naap.router.admission;

import static io.naap.router.OwnRedis.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.money.NanoUsd;
import io.naap.router.OwnRedis;
import io.naap.router.admission.LeaseHistories.Setting;
import io.naap.router.admission.LeaseHistories.Step;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.RedisLeaseStore;
import io.naap.router.admission.quota.LeaseGrant;
import io.vertx.redis.client.RedisAPI;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The script on a real Redis answers as the model does, call by call, over random histories. */
class LeaseScriptTest {
  private static OwnRedis server;
  private static RedisAPI redis;

  @BeforeContainer
  static void startRedis() throws IOException {
    server = OwnRedis.start();
    redis = server.api();
  }

  @AfterContainer
  static void stopRedis() throws IOException {
    server.close();
  }

  private static final class Script implements World.Twin {
    private long now;
    private int runs;
    private String run = "run";
    private final List<RedisLeaseStore> routers = new ArrayList<>();

    Script() {
      for (int at = 0; at < 3; at++) {
        routers.add(
            new RedisLeaseStore(
                redis,
                "r" + at,
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofHours(1),
                Duration.ofSeconds(2),
                () -> now,
                () -> run));
      }
    }

    @Override
    public void begin() {
      await(redis.flushdb(List.of()));
    }

    @Override
    public void restarted() {
      run = "run" + ++runs;
    }

    @Override
    public void same(int router, long at, LeaseCall call, LeaseReply reply) {
      now = at;
      LeaseReply script = await(routers.get(router).lease(call));
      assertThat(comparable(script, call)).as("%s", call).isEqualTo(comparable(reply, call));
    }

    @Override
    public void fund(int router, String epoch, String funding, NanoUsd total) {
      await(routers.get(router).fund(epoch, "ten_1", funding, total));
    }
  }

  /** Waits are said by the script alone, and who else has something only where it matters. */
  private static Object comparable(LeaseReply reply, LeaseCall call) {
    if (!(reply instanceof LeaseReply.Done done)) {
      return reply;
    }
    List<LeaseReply.Subject> subjects = new ArrayList<>();
    for (int at = 0; at < done.subjects().size(); at++) {
      LeaseReply.Subject subject = done.subjects().get(at);
      List<LeaseGrant> amounts = new ArrayList<>();
      for (int one = 0; one < subject.grants().size(); one++) {
        LeaseGrant got = subject.grants().get(one);
        boolean missing =
            subject.status() == LeaseReply.Status.OK
                && got.granted() < call.subjects().get(at).wishes().get(one).asked().need();
        amounts.add(
            new LeaseGrant(
                got.granted(),
                got.kept(),
                got.taken(),
                0,
                got.window(),
                missing ? got.elsewhere() : 0,
                got.total(),
                got.funding()));
      }
      subjects.add(new LeaseReply.Subject(subject.subject(), subject.status(), amounts));
    }
    return List.of(
        done.epoch(),
        done.clock(),
        done.date(),
        subjects,
        done.recalled().stream().sorted().toList());
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    return LeaseHistories.histories(4_000, 60);
  }

  @Provide
  Arbitrary<Setting> settings() {
    return LeaseHistories.allSettings();
  }

  @Provide
  Arbitrary<List<Step>> historiesOverMidnight() {
    return LeaseHistories.histories(60);
  }

  @Provide
  Arbitrary<Setting> dailySettings() {
    return LeaseHistories.allDailySettings();
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void theScriptAnswersAsTheModelWhenAClockIsSetOverMidnight(
      @ForAll("dailySettings") Setting setting, @ForAll("historiesOverMidnight") List<Step> steps) {
    World world = new World(setting, new Script());
    world.lateInTheMonth();

    for (Step step : steps) {
      World.play(world, step);
      ServedChecks.checkWindows(world);
    }

    assertThat(world.epochs).isZero();
  }

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void theScriptAnswersAsTheModelWhenCapsComeAndGo(
      @ForAll("settings") Setting setting,
      @ForAll("histories") List<Step> before,
      @ForAll("historiesOverMidnight") List<Step> without,
      @ForAll("historiesOverMidnight") List<Step> after) {
    World world = new World(setting, new Script());

    ServedChecks.comeAndGo(world, setting, before, without, after);

    assertThat(world.epochs).isNotNegative();
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void theScriptAnswersAsTheModel(
      @ForAll("settings") Setting setting, @ForAll("histories") List<Step> steps) {
    World world = new World(setting, new Script());

    for (Step step : steps) {
      World.play(world, step);
    }

    assertThat(world.epochs).isNotNegative();
  }
}
