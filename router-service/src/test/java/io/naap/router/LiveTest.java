package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(Neighbours.class)
class LiveTest {
  private static final String HOOKS = "/hooks/gateways/" + Neighbours.HOOK_SECRET;

  @Inject RedisDataSource redis;

  @BeforeEach
  void aGoodGateway() {
    Neighbours.mode = "";
    redis.key().del("naap:usage:0");
  }

  private List<UsageRecorded> events() {
    return redis.stream(String.class).xrange("naap:usage:0", StreamRange.of("-", "+")).stream()
        .flatMap(entry -> UsageEntry.events(entry.payload().get("e")).stream())
        .map(event -> Json.read(event, UsageRecorded.class))
        .toList();
  }

  /** Streams of other tests may end meanwhile. */
  private List<UsageRecorded> own(String key, int count) {
    Instant end = Instant.now().plus(Duration.ofSeconds(2));
    while (own(key).size() < count && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
    return own(key);
  }

  private List<UsageRecorded> own(String key) {
    String tenant = Neighbours.KEYS.get(key).tenantId();
    return events().stream().filter(event -> event.tenantId().equals(tenant)).toList();
  }

  private static Response offer(String key) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType("application/sdp")
        .body("v=0 offer".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .post("/live/video-to-video/my-stream/whip");
  }

  private static String begin(String key) {
    Response answer = offer(key);
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
    String stream = answer.header("x-naap-stream-id");
    assertThat(answer.header("Location")).isEqualTo("/live/video-to-video/" + stream + "/whip");
    Response auth =
        given()
            .contentType("application/json")
            .body("{\"stream\":\"x\",\"query_params\":\"streamId=" + stream + "\"}")
            .post(HOOKS + "/live-auth");
    assertThat(auth.statusCode()).as(auth.asString()).isEqualTo(200);
    assertThat(auth.jsonPath().getString("stream_id")).isEqualTo(stream);
    return stream;
  }

  private static List<String> beat(String stream) {
    return given()
        .contentType("application/json")
        .body("{\"ids\":[\"" + stream + "\"]}")
        .post(HOOKS + "/live-heartbeat")
        .jsonPath()
        .getList("terminatedStreamIds");
  }

  @Test
  void billsEachStretchOnceAndTheLastWhenTheStreamStops() throws InterruptedException {
    String key = Neighbours.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);

    Thread.sleep(700);
    assertThat(beat(stream)).isEmpty();
    assertThat(beat(stream)).isEmpty();
    Thread.sleep(300);
    int stopped =
        given()
            .header("Authorization", "Bearer " + key)
            .delete("/live/video-to-video/" + stream + "/whip")
            .statusCode();

    assertThat(stopped).isEqualTo(200);
    List<UsageRecorded> own = own(key, 2);
    assertThat(own).extracting(UsageRecorded::sequence).containsExactly(0, 1);
    assertThat(own.get(0).units().get(Unit.MILLISECONDS)).isBetween(700L, 1500L);
    assertThat(own.get(1).units().get(Unit.MILLISECONDS)).isBetween(300L, 1000L);
    assertThat(own.get(1).units().get(Unit.REQUESTS)).isZero();
    assertThat(beat(stream)).containsExactly(stream);
  }

  @Test
  void endsAStreamWhoseMoneyIsSpent() throws InterruptedException {
    // 12 s cost 0.12; a second such hold is not covered.
    String key = Neighbours.newKey(130_000_000L, KeyLimits.NONE);
    String stream = begin(key);

    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);
    assertThat(own(key, 1)).hasSize(1);
  }

  @Test
  void endsASilentStreamAtItsLastHeartbeat() throws InterruptedException {
    String key = Neighbours.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    Thread.sleep(600);
    beat(stream);

    Thread.sleep(3_000);

    List<UsageRecorded> own = own(key, 2);
    assertThat(own).hasSize(2);
    assertThat(own.get(1).units().amounts()).isEmpty();
  }

  @Test
  void showsAStreamToItsOwnerOnly() {
    String stream = begin(Neighbours.newKey(1_000_000_000L, KeyLimits.NONE));
    String other = Neighbours.newKey(1_000_000_000L, KeyLimits.NONE);
    String path = "/live/video-to-video/" + stream;

    assertThat(given().get(path + "/status").statusCode()).isEqualTo(401);
    assertThat(given().header("x-api-key", other).get(path + "/status").statusCode())
        .isEqualTo(404);
    assertThat(given().header("x-api-key", other).delete(path + "/whip").statusCode())
        .isEqualTo(404);
    assertThat(
            given()
                .contentType("application/json")
                .body("{\"ids\":[]}")
                .post("/hooks/gateways/wrong/live-heartbeat")
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void refusesAnOfferWithoutMoney() {
    String key = Neighbours.newKey(1_000L, KeyLimits.NONE);

    assertThat(offer(key).statusCode()).isEqualTo(402);
    assertThat(own(key)).isEmpty();
  }
}
