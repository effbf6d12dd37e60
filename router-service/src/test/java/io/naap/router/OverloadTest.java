package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A router with little room: for jobs, and in the segments of its spool. */
@QuarkusTest
@TestProfile(OverloadTest.FortyPlaces.class)
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class OverloadTest {
  private static final int MOST = 40;

  /** Two tiers above leave the lowest 60 % of the places. */
  private static final int OF_THE_LOWEST = 24;

  private static final int SEGMENT = 4096;

  /** A router with few places. */
  public static final class FortyPlaces implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "naap.proxy.most-in-flight",
          Integer.toString(MOST),
          "naap.usage.segment-bytes",
          Integer.toString(SEGMENT));
    }
  }

  @TestHTTPResource("/text-to-image")
  URI images;

  @Inject MeterRegistry meters;
  @Inject RedisDataSource redis;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void aSlowGateway() throws Exception {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
  }

  @AfterEach
  void aGoodGateway() {
    FakeServices.mode = "";
  }

  private List<CompletableFuture<HttpResponse<String>>> jobs(String key, int count) {
    List<CompletableFuture<HttpResponse<String>>> jobs = new ArrayList<>();
    for (int at = 0; at < count; at++) {
      jobs.add(
          client.sendAsync(
              HttpRequest.newBuilder(images)
                  .header("Authorization", "Bearer " + key)
                  .header("Content-Type", "application/json")
                  .timeout(Duration.ofSeconds(10))
                  .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"a fox\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    return jobs;
  }

  private static List<HttpResponse<String>> answers(
      List<CompletableFuture<HttpResponse<String>>> jobs)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<HttpResponse<String>> answers = new ArrayList<>();
    for (CompletableFuture<HttpResponse<String>> job : jobs) {
      answers.add(job.get(15, TimeUnit.SECONDS));
    }
    return answers;
  }

  private static long served(List<HttpResponse<String>> answers) {
    return answers.stream().filter(answer -> answer.statusCode() == 200).count();
  }

  private double shed() {
    return meters.find("router_refusals_total").tag("reason", "shed").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private double spooled() {
    return meters.get("router_spool_bytes").gauge().value();
  }

  @Test
  void letsGoOfUsageThatIsStoredAndToldOfAndOfNothingElse() throws Exception {
    String key = FakeServices.keyInTier("standard");
    for (int round = 0; round < 4; round++) {
      assertThat(served(answers(jobs(key, 10)))).isEqualTo(10);
    }
    UsageRecorded last =
        Recorded.usage(redis, key, 40).stream()
            .max(Comparator.comparing(UsageRecorded::spoolPosition))
            .orElseThrow();
    Thread.sleep(1_500);
    assertThat(spooled()).isGreaterThan(3 * SEGMENT);

    redis.stream(String.class)
        .xadd(
            Topics.USAGE_COMMITTED,
            Map.of(
                Topics.FIELD,
                Json.write(
                    new UsageCommitted(last.instance(), last.spoolPosition(), Instant.now()))));

    // The store hears of what was used after 15 s at most.
    assertThat(Eventually.holds(Duration.ofSeconds(60), () -> spooled() <= 2 * SEGMENT)).isTrue();
  }

  @Test
  void shedsTheLowestTierFirstAndServesEverybodyAgainAfterwards() throws Exception {
    String lowest = FakeServices.keyInTier("thrifty");
    String best = FakeServices.keyInTier("standard");
    // Both are known and funded before the rush.
    assertThat(served(answers(jobs(lowest, 1)))).isEqualTo(1);
    assertThat(served(answers(jobs(best, 1)))).isEqualTo(1);
    FakeServices.mode = "slow";
    double before = shed();

    var flood = jobs(lowest, 80);
    Thread.sleep(150);
    var paying = jobs(best, MOST - OF_THE_LOWEST);
    List<HttpResponse<String>> ofTheLowest = answers(flood);
    List<HttpResponse<String>> ofTheBest = answers(paying);

    assertThat(served(ofTheBest)).isEqualTo(MOST - OF_THE_LOWEST);
    assertThat(served(ofTheLowest)).isBetween(1L, 80L - 1);
    assertThat(ofTheLowest)
        .filteredOn(answer -> answer.statusCode() != 200)
        .isNotEmpty()
        .allSatisfy(
            answer -> {
              assertThat(answer.statusCode()).isEqualTo(503);
              assertThat(answer.headers().firstValue("Retry-After")).isPresent();
              assertThat(answer.body()).contains("too busy for your plan");
            });
    assertThat(shed() - before).isEqualTo((double) (80 - served(ofTheLowest)));
    assertThat(FakeServices.GATEWAY).hasSizeLessThanOrEqualTo(2 + 80 + MOST);

    FakeServices.mode = "";
    assertThat(served(answers(jobs(lowest, OF_THE_LOWEST / 2)))).isEqualTo(OF_THE_LOWEST / 2);
  }

  @Test
  void neverSendsAGatewayMoreJobsThanItMayHave() throws Exception {
    String key = FakeServices.keyInTier("standard");
    assertThat(served(answers(jobs(key, 1)))).isEqualTo(1);
    FakeServices.GATEWAY.clear();
    FakeServices.mode = "slow";

    List<CompletableFuture<HttpResponse<String>>> rush = jobs(key, 90);
    Thread.sleep(200);
    int atOnce = FakeServices.GATEWAY.size();
    List<HttpResponse<String>> answers = answers(rush);

    assertThat(atOnce).isBetween(1, MOST);
    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.statusCode()).isIn(200, 503))
        .anySatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(503));
    assertThat(served(answers)).isGreaterThanOrEqualTo(MOST);
  }
}
