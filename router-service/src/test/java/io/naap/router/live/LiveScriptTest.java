package io.naap.router.live;

import static io.naap.router.OwnRedis.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.router.OwnRedis;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The script of live sessions in a real Redis, with a clock of the test's own. */
class LiveScriptTest {
  private static final String STREAM = "str_1";
  private static OwnRedis server;
  private static RedisAPI redis;
  private static String script;

  private long now = 1_767_225_600_000L;

  @BeforeAll
  static void startRedis() throws IOException {
    server = OwnRedis.start();
    redis = server.api();
    try (InputStream file = LiveScriptTest.class.getResourceAsStream("/admission/live.lua")) {
      script = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @AfterAll
  static void stopRedis() throws IOException {
    server.close();
  }

  @BeforeEach
  void aStreamThatRuns() {
    await(redis.flushall(List.of()));
    await(redis.hset(List.of("naap:live:" + STREAM, "json", "{}")));
    run("seen", STREAM);
    run("beat", STREAM, "500");
  }

  private Response run(String... what) {
    List<String> call = new ArrayList<>(List.of(script, "0", Long.toString(now)));
    call.addAll(List.of(what));
    return await(redis.eval(call));
  }

  private int silent() {
    return run("late", "", "20000").size();
  }

  @Test
  void aClockThatJumpsMakesNoStreamSilentAndNoStretchLong() {
    now += 3_600_000;
    assertThat(silent()).isZero();

    Response step = run("beat", STREAM, "500");

    assertThat(step.get(0).toString()).isEqualTo("STRETCH");
    assertThat(step.get(3).toLong() - step.get(2).toLong()).isLessThanOrEqualTo(10_000);
    now -= 7_200_000;
    assertThat(silent()).isZero();
    now += 1_000;
    assertThat(run("beat", STREAM, "500").get(0).toString()).isEqualTo("STRETCH");
  }

  @Test
  void aStreamThatIsNotSeenForLongIsSilent() {
    for (int times = 0; times < 9; times++) {
      now += 2_000;
      assertThat(silent()).isZero();
    }
    now += 2_000;

    assertThat(silent()).isEqualTo(1);
  }
}
