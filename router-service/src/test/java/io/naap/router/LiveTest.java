package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.HttpURLConnection;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class LiveTest {
  private static final String HOOKS = "/hooks/gateways/" + FakeServices.HOOK_SECRET;

  @Inject RedisDataSource redis;
  @TestHTTPResource URL base;

  @BeforeEach
  void aGoodGateway() {
    FakeServices.mode = "";
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

  /** Each once: a store that was silent for a while is told again what metering may not have. */
  private List<UsageRecorded> own(String key) {
    String tenant = FakeServices.KEYS.get(key).tenantId();
    return events().stream().filter(event -> event.tenantId().equals(tenant)).distinct().toList();
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
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
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
    assertThat(own.get(0).units().get(Unit.MILLISECONDS)).isBetween(700L, 10_000L);
    assertThat(own.get(1).units().get(Unit.MILLISECONDS)).isBetween(300L, 10_000L);
    assertThat(own.get(1).units().get(Unit.REQUESTS)).isZero();
    assertThat(beat(stream)).containsExactly(stream);
  }

  @Test
  void endsAStreamWhoseMoneyIsSpent() throws InterruptedException {
    // 12 s cost 0.12; a second such hold is not covered.
    String key = FakeServices.newKey(130_000_000L, KeyLimits.NONE);
    String stream = begin(key);

    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);
    assertThat(own(key, 1)).hasSize(1);
  }

  private static KeyLimits oneAtOnce() {
    return new KeyLimits(Optional.empty(), Optional.empty(), Optional.of(1L), List.of(), List.of());
  }

  private static void stop(String key, String stream) {
    given()
        .header("Authorization", "Bearer " + key)
        .delete("/live/video-to-video/" + stream + "/whip")
        .then()
        .statusCode(200);
  }

  /** The status of offers until it is the one that is wanted, which is the last one. */
  private static int offered(String key, int wanted) throws InterruptedException {
    AtomicInteger status = new AtomicInteger();
    var unused =
        Eventually.holds(
            Duration.ofSeconds(3),
            () -> {
              status.set(offer(key).statusCode());
              return status.get() == wanted;
            });
    return status.get();
  }

  private void lives(String stream, String home, long placedMillisAgo) {
    redis
        .hash(String.class)
        .hset(
            "naap:live:" + stream,
            Map.of(
                "home",
                home,
                "placed",
                Long.toString(System.currentTimeMillis() - placedMillisAgo)));
  }

  @Test
  void aStreamHasItsSlotUntilItEndsHoweverOftenItIsRenewed() throws InterruptedException {
    String key = FakeServices.newKey(10_000_000_000L, oneAtOnce());
    String stream = begin(key);
    for (int beats = 0; beats < 3; beats++) {
      Thread.sleep(550);
      assertThat(beat(stream)).isEmpty();
    }

    Response second = offer(key);

    assertThat(second.statusCode()).as(second.asString()).isEqualTo(429);
    assertThat(second.jsonPath().getList("violated-policies")).contains("key-concurrent");
    stop(key, stream);
    assertThat(offer(key).statusCode()).isEqualTo(201);
  }

  @Test
  void aSlotThatAnotherRouterHasIsLeftHere() throws InterruptedException {
    String key = FakeServices.newKey(10_000_000_000L, oneAtOnce());
    String stream = begin(key);
    lives(stream, "another", -60_000);

    assertThat(offered(key, 201)).isEqualTo(201);
    Thread.sleep(550);
    // Another router has its slot, so it needs none here.
    assertThat(beat(stream)).isEmpty();
  }

  @Test
  void whoRenewsAStreamOfASilentRouterTakesItsSlot() throws InterruptedException {
    String key = FakeServices.newKey(10_000_000_000L, oneAtOnce());
    String stream = begin(key);
    lives(stream, "another", -60_000);
    String second = "";
    for (int tries = 0; tries < 60 && second.isEmpty(); tries++) {
      Response answer = offer(key);
      second = answer.statusCode() == 201 ? answer.header("x-naap-stream-id") : "";
      Thread.sleep(50);
    }
    lives(stream, "another", 60_000);
    Thread.sleep(550);

    // The second stream has the only slot, and the first one runs all the same.
    assertThat(beat(stream)).isEmpty();
    stop(key, second);
    Thread.sleep(550);
    assertThat(beat(stream)).isEmpty();
    assertThat(offer(key).statusCode()).isEqualTo(429);
  }

  @Test
  void aStreamThatGetsNoSlotForLongEnds() throws InterruptedException {
    String key = FakeServices.newKey(10_000_000_000L, oneAtOnce());
    String stream = begin(key);
    lives(stream, "another", -60_000);
    assertThat(offered(key, 201)).isEqualTo(201);
    lives(stream, "another", 60_000);
    redis
        .hash(String.class)
        .hset(
            "naap:live:" + stream, "without", Long.toString(System.currentTimeMillis() - 120_000));
    Thread.sleep(550);

    assertThat(beat(stream)).containsExactly(stream);
  }

  @Test
  void tellsTheOwnerWhyAStreamWasCut() throws InterruptedException {
    String key = FakeServices.newKey(130_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    assertThat(status(key, stream).getString("type")).isEqualTo("status");
    Thread.sleep(700);

    beat(stream);

    JsonPath status = status(key, stream);
    assertThat(status.getString("state")).isEqualTo("ended");
    assertThat(status.getString("reason.code")).isEqualTo("balance_too_low");
    assertThat(status.getInt("reason.status")).isEqualTo(402);
    Response update = update(key, stream);
    assertThat(update.statusCode()).isEqualTo(409);
    assertThat(update.jsonPath().getString("detail")).contains("balance");
  }

  @Test
  void cutsAStreamWhoseCapIsReached() throws InterruptedException {
    String key =
        FakeServices.newKey(
            1_000_000_000L,
            new KeyLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new Cap("milliseconds", Cap.Window.DAY, 20_000))));
    String stream = begin(key);
    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);

    assertThat(status(key, stream).getString("reason.code")).isEqualTo("limit_reached");
    assertThat(status(key, stream).getString("reason.detail")).contains("key-day-milliseconds");
  }

  @Test
  void cutsAStreamWhoseKeyWasRevokedAtTheNextHeartbeat() throws InterruptedException {
    String tenant = "ten_" + Long.toString(System.nanoTime(), 36);
    String key = FakeServices.newKey(tenant, 1_000_000_000L, KeyLimits.NONE, List.of());
    String other = FakeServices.newKey(tenant, 1_000_000_000L, KeyLimits.NONE, List.of());
    String stream = begin(key);
    Thread.sleep(600);
    assertThat(beat(stream)).isEmpty();

    String keyId = FakeServices.KEYS.remove(key).keyId();
    redis.stream(String.class)
        .xadd(
            Topics.KEYS,
            Map.of(
                Topics.FIELD,
                Json.write(new KeyChanged("evt_1", Instant.now(), Optional.of(keyId), tenant, 2))));
    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);
    assertThat(status(other, stream).getString("reason.code")).isEqualTo("key_ended");
    // What ran until then is billed.
    assertThat(own(other, 2)).hasSize(2).allMatch(event -> event.outcome() == JobOutcome.SUCCEEDED);
  }

  @Test
  void cutsAStreamWhoseTenantIsOverdue() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String tenant = FakeServices.KEYS.get(key).tenantId();
    String stream = begin(key);
    FakeServices.OVERDUE.add(tenant);
    redis.stream(String.class)
        .xadd(
            Topics.PLANS,
            Map.of(
                Topics.FIELD,
                Json.write(
                    new PlanChanged("evt_2", Instant.now(), "pln_test", Optional.of(tenant)))));
    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);
    assertThat(status(key, stream).getString("reason.code")).isEqualTo("payment_overdue");
  }

  @Test
  void cutsAStreamWhosePlanHasASmallerLimitByNow() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String tenant = FakeServices.KEYS.get(key).tenantId();
    String stream = begin(key);

    FakeServices.PLAN_LIMITS.put(
        tenant,
        new KeyLimits(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(new Cap("milliseconds", Cap.Window.DAY, 1))));
    redis.stream(String.class)
        .xadd(
            Topics.PLANS,
            Map.of(
                Topics.FIELD,
                Json.write(
                    new PlanChanged("evt_3", Instant.now(), "pln_test", Optional.of(tenant)))));
    Thread.sleep(700);

    assertThat(beat(stream)).containsExactly(stream);
    assertThat(status(key, stream).getString("reason.detail")).contains("plan-day-milliseconds");
  }

  @Test
  void logsAStreamOnceWithAllItCameTo() throws InterruptedException {
    String key = FakeServices.newKey(130_000_000L, KeyLimits.NONE);
    String poor = FakeServices.newKey(1_000L, KeyLimits.NONE);
    String stream = begin(key);
    Thread.sleep(700);
    beat(stream);
    offer(poor);

    List<RequestLogged> lines = Recorded.log(redis, key, 1);

    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().request().capability()).isEqualTo("live-video-to-video");
    assertThat(lines.getFirst().answer().status()).isEqualTo(402);
    assertThat(lines.getFirst().answer().refusal()).hasValue("balance_too_low");
    assertThat(lines.getFirst().answer().gateway()).hasValue("gateway-1");
    assertThat(lines.getFirst().units().get(Unit.MILLISECONDS)).isBetween(700L, 1_500L);
    assertThat(lines.getFirst().cost().isZero()).isFalse();
    assertThat(Recorded.log(redis, poor, 1))
        .extracting(line -> line.answer().refusal().orElse(""))
        .containsExactly("balance_too_low");
  }

  @Test
  void changesARunningStreamForItsOwnerOnly() {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String other = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    FakeServices.GATEWAY.clear();

    assertThat(update(key, stream).statusCode()).isEqualTo(200);
    assertThat(update(other, stream).statusCode()).isEqualTo(404);

    assertThat(FakeServices.GATEWAY)
        .filteredOn(seen -> seen.uri().endsWith(stream + "/update"))
        .singleElement()
        .satisfies(seen -> assertThat(seen.body()).isEqualTo("{\"prompt\":\"b\"}"));
  }

  @Test
  void aTenantsAffinityGoesIntoItsStreams() {
    String key =
        FakeServices.newKey(FakeServices.AFFINE, 1_000_000_000L, KeyLimits.NONE, List.of());
    FakeServices.GATEWAY.clear();

    String stream = begin(key);

    assertThat(FakeServices.GATEWAY)
        .anyMatch(seen -> seen.uri().contains(stream) && seen.uri().endsWith("&orchestrator=near"));
  }

  private static JsonPath status(String key, String stream) {
    Response answer =
        given().header("x-api-key", key).get("/live/video-to-video/" + stream + "/status");
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return answer.jsonPath();
  }

  private static Response update(String key, String stream) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"prompt\":\"b\"}")
        .post("/live/video-to-video/" + stream + "/update");
  }

  @Test
  void endsASilentStreamAtItsLastHeartbeat() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    Thread.sleep(600);
    beat(stream);

    Thread.sleep(3_000);

    List<UsageRecorded> own = own(key, 2);
    assertThat(own).hasSize(2);
    assertThat(own.get(1).units().amounts()).isEmpty();
  }

  @Test
  void aStreamIsWatchedThroughTheRouter() {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    Response offered = offer(key);
    String stream = offered.header("x-naap-stream-id");

    String playback = offered.header("Livepeer-Playback-URL");
    assertThat(playback).isEqualTo("http://naap.test/live/video-to-video/" + stream + "/whep");
    assertThat(status(key, stream).getString("gateway_status.whep_url")).isEqualTo(playback);
    Response watched = watch(key, stream);

    assertThat(watched.statusCode()).isEqualTo(201);
    assertThat(watched.asString()).isEqualTo("v=0 watch");
    assertThat(watched.header("Location")).isEqualTo("/live/video-to-video/" + stream + "/whep");
    String other = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    assertThat(watch(other, stream).statusCode()).isEqualTo(404);
  }

  private static Response watch(String key, String stream) {
    return given()
        .header("x-api-key", key)
        .contentType("application/sdp")
        .body("v=0 offer".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .post("/live/video-to-video/" + stream + "/whep");
  }

  @Test
  void aStreamThatNoOrchestratorTookIsBilledNothingHoweverItEnds() throws InterruptedException {
    FakeServices.mode = "untaken";
    String left = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stopped = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String beating = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);

    String stream = begin(left);
    String second = begin(stopped);
    stop(stopped, second);
    String third = begin(beating);
    Thread.sleep(600);
    beat(third);

    for (String key : List.of(left, stopped, beating)) {
      List<UsageRecorded> own = own(key, 1);
      assertThat(own).hasSize(1);
      assertThat(own.getFirst().outcome()).isEqualTo(JobOutcome.FAILED);
      assertThat(own.getFirst().estimatedCost().isZero()).isTrue();
    }
    assertThat(status(left, stream).getString("reason.code")).isEqualTo("no_capacity");
    assertThat(status(left, stream).getString("reason.detail")).doesNotContain("10.0.0");
    assertThat(beat(third)).containsExactly(third);
  }

  private static Response liveAuth(String body) {
    return given().contentType("application/json").body(body).post(HOOKS + "/live-auth");
  }

  @Test
  void whatRanUntilTheGatewayAsksAgainIsBilled() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    Thread.sleep(700);

    Response again = liveAuth("{\"stream\":\"" + stream + "\"}");

    assertThat(again.statusCode()).isEqualTo(200);
    List<UsageRecorded> own = own(key, 1);
    assertThat(own).extracting(UsageRecorded::sequence).containsExactly(0);
    assertThat(own.getFirst().units().get(Unit.MILLISECONDS)).isBetween(700L, 1_500L);
  }

  @Test
  void aStreamKeyIsAnApiKeyAndItsStreamIsBilled() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);

    Response auth = liveAuth("{\"stream\":\"cam\",\"stream_key\":\"" + key + "\"}");
    String stream = auth.jsonPath().getString("stream_id");
    Thread.sleep(700);

    assertThat(auth.statusCode()).isEqualTo(200);
    assertThat(auth.jsonPath().getString("pipeline")).isEqualTo("streamdiffusion");
    assertThat(beat(stream)).isEmpty();
    assertThat(own(key, 1)).hasSize(1);
    assertThat(liveAuth("{\"stream\":\"cam\",\"stream_key\":\"none\"}").statusCode())
        .isEqualTo(401);
  }

  /** A gateway does not say where its client is. */
  @Test
  void aKeyThatIsBoundToAddressesIsNoStreamKey() {
    String key =
        FakeServices.newKey(
            "ten_" + Long.toString(System.nanoTime(), 36),
            1_000_000_000L,
            KeyLimits.NONE,
            List.of(),
            Optional.empty(),
            List.of("127.0.0.0/8"),
            Optional.empty());

    Response auth = liveAuth("{\"stream\":\"cam\",\"stream_key\":\"" + key + "\"}");

    assertThat(auth.statusCode()).isEqualTo(403);
    assertThat(auth.jsonPath().getString("code")).isEqualTo("no_stream_key");
  }

  @Test
  void aStreamKeyOpensOnlyGatewaysOfItsTier() {
    String key = FakeServices.keyInTier("thrifty");

    Response auth = liveAuth("{\"stream\":\"cam\",\"stream_key\":\"" + key + "\"}");

    assertThat(auth.statusCode()).isEqualTo(403);
    assertThat(auth.jsonPath().getString("code")).isEqualTo("not_in_tier");
  }

  @Test
  void aStreamForWhichNothingCanBeSetAsideRunsOneStretchMoreAndEnds() throws InterruptedException {
    String key = FakeServices.newKey(121_000_000L, KeyLimits.NONE);
    String tenant = FakeServices.KEYS.get(key).tenantId();
    String stream = begin(key);
    FakeServices.UNFUNDED.add(tenant);
    Thread.sleep(700);
    assertThat(beat(stream)).isEmpty();

    Instant end = Instant.now().plus(Duration.ofSeconds(20));
    List<String> ended = List.of();
    while (ended.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(1_000);
      ended = beat(stream);
    }

    assertThat(ended).containsExactly(stream);
    assertThat(status(key, stream).getInt("reason.status")).isEqualTo(503);
  }

  @Test
  void aStreamIsNotSilentWhileItsHeartbeatsCannotBeHeard() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    Thread.sleep(600);
    assertThat(beat(stream)).isEmpty();

    redis.execute("CLIENT", "PAUSE", "3500");
    Thread.sleep(4_200);

    assertThat(beat(stream)).isEmpty();
    assertThat(own(key, 2)).hasSize(2);
  }

  private void begun(String stream, long millisAgo) {
    redis
        .hash(String.class)
        .hset(
            "naap:live:" + stream, "since", Long.toString(System.currentTimeMillis() - millisAgo));
  }

  @Test
  void aStretchIsBilledUpToItsBoundHoweverLateItsHeartbeat() {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    begun(stream, 3_600_000);

    assertThat(beat(stream)).isEmpty();

    assertThat(own(key, 1).getFirst().units().get(Unit.MILLISECONDS)).isEqualTo(24_000);
  }

  @Test
  void aStreamIsBilledAgainAtOnceWhenTheClockWasSetBack() throws InterruptedException {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    begun(stream, -3_600_000);

    assertThat(beat(stream)).isEmpty();
    Thread.sleep(700);
    assertThat(beat(stream)).isEmpty();

    assertThat(own(key, 1).getFirst().units().get(Unit.MILLISECONDS)).isBetween(600L, 2_000L);
  }

  @Test
  void aStreamWhoseHeartbeatsCannotBeCountedRunsOneStretchMoreAndEnds()
      throws InterruptedException {
    String stream = begin(FakeServices.newKey(1_000_000_000L, KeyLimits.NONE));
    Instant awayUntil = Instant.now().plusSeconds(18);
    redis.execute("CLIENT", "PAUSE", "18000");

    List<String> first = beat(stream);
    List<String> ended = first;
    while (ended.isEmpty() && Instant.now().isBefore(awayUntil)) {
      ended = beat(stream);
    }

    assertThat(first).isEmpty();
    assertThat(ended).containsExactly(stream);
    assertThat(Instant.now()).isBefore(awayUntil);
    Thread.sleep(Math.max(0, Duration.between(Instant.now(), awayUntil).toMillis()));
  }

  @Test
  void withoutTheStoreAStreamIsUnavailableAndNothingIsBroken() {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);

    redis.execute("CLIENT", "PAUSE", "2500");
    Response answer =
        given().header("x-api-key", key).get("/live/video-to-video/" + stream + "/status");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotNull();
  }

  @Test
  void anEndlessAnswerOfAGatewayIsNotKept() throws Exception {
    String key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    String stream = begin(key);
    FakeServices.mode = "endless";

    HttpURLConnection status =
        (HttpURLConnection)
            base.toURI()
                .resolve("/live/video-to-video/" + stream + "/status")
                .toURL()
                .openConnection();
    status.setRequestProperty("x-api-key", key);
    status.setReadTimeout(5_000);

    assertThat(status.getResponseCode()).isEqualTo(502);
  }

  @Test
  void showsAStreamToItsOwnerOnly() {
    String stream = begin(FakeServices.newKey(1_000_000_000L, KeyLimits.NONE));
    String other = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
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
    String key = FakeServices.newKey(1_000L, KeyLimits.NONE);

    assertThat(offer(key).statusCode()).isEqualTo(402);
    assertThat(own(key)).isEmpty();
  }
}
