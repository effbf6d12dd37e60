package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.naap.router.admission.Admission;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class JobsTest {
  private static final long DOLLAR = 1_000_000_000L;

  @Inject RedisDataSource redis;
  @Inject Admission admission;
  private Set<String> before;

  @BeforeEach
  void aGoodGateway() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    before = Set.copyOf(FakeServices.KEYS.keySet());
  }

  /** Events of other tests may still come: those of this test's own tenants count. */
  private List<UsageRecorded> events() {
    Set<String> tenants = new HashSet<>();
    FakeServices.KEYS.forEach(
        (key, profile) -> {
          if (!before.contains(key)) {
            tenants.add(profile.tenantId());
          }
        });
    return all().stream().filter(event -> tenants.contains(event.tenantId())).toList();
  }

  private List<UsageRecorded> all() {
    return redis.stream(String.class)
        .xrange("naap:usage:0", io.quarkus.redis.datasource.stream.StreamRange.of("-", "+"))
        .stream()
        .flatMap(entry -> UsageEntry.events(entry.payload().get("e")).stream())
        .map(event -> Json.read(event, UsageRecorded.class))
        .toList();
  }

  private UsageRecorded onlyEvent() {
    assertThat(recorded(1)).hasSize(1);
    return events().getFirst();
  }

  /** The events, as soon as there are so many. */
  private List<UsageRecorded> recorded(int count) {
    Instant end = Instant.now().plus(Duration.ofSeconds(3));
    while (events().size() < count && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
    return events();
  }

  private long holds() {
    return admission.openHolds();
  }

  private Map<String, String> pool(String tenant) {
    return redis.hash(String.class).hgetall(AdmissionFunds.key(tenant));
  }

  /** What a tenant has left, in the ledger and in the pool, once the router has given back. */
  private void assertLeft(String key, long nanos) throws InterruptedException {
    String tenant = FakeServices.KEYS.get(key).tenantId();
    admission.giveBack();
    var unused =
        Eventually.holds(
            Duration.ofSeconds(3), () -> "0".equals(pool(tenant).get(AdmissionFunds.LEASED)));
    Map<String, String> pool = pool(tenant);
    long available = Long.parseLong(pool.get(AdmissionFunds.AVAILABLE));
    long spent = Long.parseLong(pool.getOrDefault(AdmissionFunds.SPENT, "0"));
    assertThat(pool.get(AdmissionFunds.LEASED)).isEqualTo("0");
    assertThat(available + spent).isEqualTo(Long.parseLong(pool.get(AdmissionFunds.TOTAL)));
    assertThat(available + FakeServices.CREDIT.get(tenant)).isEqualTo(nanos);
  }

  private static Response image(String key, String body) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType("application/json")
        .body(body)
        .post("/text-to-image");
  }

  /** A key may have been made before its plan lost the tier. */
  @Test
  void aKeyOfATierThatItsPlanDoesNotHaveIsServedInThePlansOwn() {
    Response answer = image(FakeServices.keyInTier("beyond-the-plan"), "{\"prompt\":\"a fox\"}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.header("x-naap-route"))
        .isEqualTo("pool=standard, gateway=gateway-1, tier=standard");
  }

  @Test
  void makesAnImageAndRecordsItOnce() throws InterruptedException {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer = image(key, "{\"prompt\":\"a fox\"}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("images[0].url"))
        .isEqualTo("http://naap.test/stream/g-gateway-1/abc/1.png");
    assertThat(answer.header("x-naap-units")).isEqualTo("requests=1, pixels=262144, generations=1");
    assertThat(answer.header("x-naap-cost")).isEqualTo("0.00262144 USD");
    assertThat(answer.header("x-naap-route"))
        .isEqualTo("pool=standard, gateway=gateway-1, tier=standard");
    assertThat(answer.header("RateLimit")).contains("\"key-concurrent\";r=99");
    Map<String, Object> sent =
        io.restassured.path.json.JsonPath.from(FakeServices.GATEWAY.getFirst().body()).getMap("$");
    assertThat(sent)
        .containsEntry("model_id", "stabilityai/sdxl-turbo")
        .containsEntry("width", 512)
        .containsEntry("num_images_per_prompt", 1);
    assertThat(FakeServices.GATEWAY.getFirst().headers()).doesNotContainKey("authorization");
    UsageRecorded event = onlyEvent();
    assertThat(event.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
    assertThat(event.units().get(Unit.PIXELS)).isEqualTo(262_144);
    assertThat(event.estimatedCost().nanos()).isEqualTo(2_621_440);
    assertThat(event.fundingId()).isPresent();
    assertThat(event.requestId()).isEqualTo(answer.header("x-request-id"));
    assertThat(holds()).isZero();
    assertLeft(key, DOLLAR - 2_621_440);
  }

  @Test
  void bringsMediaBackFromTheGatewayThatHasIt() {
    Response media = given().get("/stream/g-gateway-1/abc/1.png");

    assertThat(media.statusCode()).isEqualTo(200);
    assertThat(media.contentType()).isEqualTo("image/png");
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/stream/abc/1.png");
    assertThat(given().get("/stream/g-other/abc/1.png").statusCode()).isEqualTo(404);
    assertThat(FakeServices.GATEWAY).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/stream/g-gateway-1/ten_01kaq3v7g8e2nb0p4m6r9t1x5z-cam.m3u8",
        "/stream/g-gateway-1/ten_01kaq3v7g8e2nb0p4m6r9t1x5z-cam/source/0.ts",
        "/stream/g-gateway-1/%74en_01kaq3v7g8e2nb0p4m6r9t1x5z-cam.m3u8",
        "/stream/g-gateway-1/x/../ten_01kaq3v7g8e2nb0p4m6r9t1x5z-cam.m3u8",
        "/stream/g-gateway-1/x%2f..%2ften_01kaq3v7g8e2nb0p4m6r9t1x5z-cam.m3u8"
      })
  void showsNobodyAStreamWhoseNameCanBeGuessed(String path) {
    assertThat(given().urlEncodingEnabled(false).get(path).statusCode()).isIn(400, 404);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void doesNotLetAClientChooseTheIdUsageIsCountedBy() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    String chosen = "req_01kaq3v7g8e2nb0p4m6r9t1x5z";

    Response answer =
        given()
            .header("Authorization", "Bearer " + key)
            .header("x-request-id", chosen)
            .contentType("application/json")
            .body("{\"prompt\":\"a fox\"}")
            .post("/text-to-image");

    assertThat(answer.header("x-request-id")).isNotEqualTo(chosen);
    assertThat(onlyEvent().requestId()).isNotEqualTo(chosen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/llm", "/v1/chat/completions"})
  void answersALanguageModelAndCountsItsTokens(String path) {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer =
        given()
            .header("x-api-key", key)
            .contentType("application/json")
            .body("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
            .post(path);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("choices[0].message.content")).isEqualTo("hi");
    UsageRecorded event = onlyEvent();
    assertThat(event.units().get(Unit.TOKENS_IN)).isEqualTo(5);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(2);
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/llm");
    assertThat(holds()).isZero();
  }

  /** As a request's tokens are estimated: a token for three bytes of what was said. */
  @Test
  void billsWhatWasSaidWhenAGatewayCountsNothing() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    FakeServices.mode = "uncounted";

    given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"max_tokens\":900,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
        .post("/v1/chat/completions")
        .then()
        .statusCode(200);

    assertThat(onlyEvent().units().get(Unit.TOKENS_OUT)).isEqualTo(6);
  }

  @Test
  void streamsWithTheLastUsageAndADoneAtTheEnd() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    String answer = chat(key);

    assertThat(answer).endsWith("data: [DONE]\n\n").doesNotContain("usage");
    assertThat(onlyEvent().units().get(Unit.TOKENS_OUT)).isEqualTo(3);
  }

  @Test
  void billsWhatWasDeliveredWhenAStreamBreaks() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    FakeServices.mode = "break";

    String answer = chat(key);

    assertThat(answer).contains("stream_broken").doesNotContain("[DONE]");
    UsageRecorded event = onlyEvent();
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(2);
    assertThat(holds()).isZero();
  }

  private static String chat(String key) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType("application/json")
        .body("{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
        .post("/v1/chat/completions")
        .asString();
  }

  private Response recording(String name, byte[] file) {
    return given()
        .header("Authorization", "Bearer " + FakeServices.newKey(DOLLAR, KeyLimits.NONE))
        .multiPart("audio", name, file, "application/octet-stream")
        .post("/audio-to-text");
  }

  @Test
  void billsAnMp3ByItsFrames() {
    Response answer = recording("a.mp3", Samples.mp3(200));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    // 200 times 1,152 of 44,100 samples a second; the form's end is a few bytes of it.
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isBetween(5_224L, 5_230L);
  }

  @Test
  void measuresTheSecondsOfAWavFile() {
    Response answer = recording("a.wav", Samples.wav(3));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isEqualTo(3_000);
    assertThat(FakeServices.GATEWAY.getFirst().body())
        .contains("name=\"model_id\"\r\n\r\nopenai/whisper-large-v3");
  }

  private Response segment(byte[] bytes, String duration) {
    return given()
        .header("Authorization", "Bearer " + FakeServices.newKey(DOLLAR, KeyLimits.NONE))
        .header("Content-Duration", duration)
        .contentType("video/mp2t")
        .body(bytes)
        .post("/live/my-stream/0.ts");
  }

  @ParameterizedTest
  @CsvSource({"x.3.ts, 1", "x.3.ts, 250000", "v.3.mp4, 1", "frag.3.mp4, 1"})
  void billsASegmentByItsOwnTimeWhateverItsHeaderSays(String name, String duration) {
    Response answer = segment(Samples.file(name), duration);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isBetween(2_910L, 3_150L);
    assertThat(FakeServices.GATEWAY.getFirst().headers().get("content-duration"))
        .matches("[23][0-9]{3}|1");
  }

  @Test
  void aSegmentThatCannotBeReadLastsAsLongAsItsBytesMay() {
    assertThat(segment(new byte[80_000], "1").statusCode()).isEqualTo(200);

    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isEqualTo(6_400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.3.webm", "x.3.ogg", "x.3.wav", "x.3.aac"})
  void aSegmentOfAnotherKindIsRefused(String name) {
    assertThat(segment(Samples.file(name), "1").statusCode()).isEqualTo(415);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cbr.3.mp3", "x.3.mp2", "x.3.aac", "x.3.m4a", "x.3.opus", "x.3.webm"})
  void billsARecordingByItsOwnTime(String name) {
    Response answer = recording(name, Samples.file(name));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isBetween(2_910L, 3_150L);
  }

  @Test
  void aRecordingOfNoKnownKindIsRefused() {
    Response answer =
        recording(
            "a.xyz",
            "not a recording".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(answer.jsonPath().getString("code")).isEqualTo("unsupported_recording");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void billsASegmentByItsDuration() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer =
        given()
            .header("Authorization", "Bearer " + key)
            .header("Content-Duration", "2500")
            .header("Accept", "multipart/mixed")
            .contentType("video/mp2t")
            .body(new byte[20_000])
            .post("/live/my-stream/0.ts");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isEqualTo(2_500);
    assertThat(FakeServices.GATEWAY.getFirst().body()).hasSize(20_000);
    assertThat(FakeServices.GATEWAY.getFirst().uri())
        .matches("/live/" + FakeServices.KEYS.get(key).tenantId() + "-my-stream-[0-9a-f]{32}/0.ts");
  }

  @ParameterizedTest
  @CsvSource({"empty,502", "drop,503", "500,502"})
  void anUnusableGatewayCostsNothing(String mode, int status) throws InterruptedException {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    FakeServices.mode = mode;

    Response answer = image(key, "{\"prompt\":\"a fox\"}");

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(answer.asString()).doesNotContain("secret host");
    assertThat(answer.header("x-naap-route"))
        .isEqualTo("pool=standard, gateway=gateway-1, tier=standard");
    UsageRecorded event = onlyEvent();
    assertThat(event.outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(event.units().amounts()).isEmpty();
    assertThat(event.estimatedCost().isZero()).isTrue();
    assertThat(holds()).isZero();
    assertLeft(key, DOLLAR);
  }

  @Test
  void refusesAboveTheMinutesLimitAndSaysWhenToComeBack() {
    String key =
        FakeServices.newKey(
            DOLLAR,
            new KeyLimits(
                Optional.of(2L), Optional.empty(), Optional.empty(), List.of(), List.of()));
    image(key, "{\"prompt\":\"a\"}");
    image(key, "{\"prompt\":\"b\"}");

    Response third = image(key, "{\"prompt\":\"c\"}");

    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.jsonPath().getList("violated-policies")).containsExactly("key-rpm");
    assertThat(third.header("RateLimit-Policy")).startsWith("\"key-rpm\";q=2;w=60");
    assertThat(Long.parseLong(third.header("Retry-After"))).isBetween(1L, 61L);
    assertThat(recorded(2)).hasSize(2);
  }

  @Test
  void refusesAboveACap() {
    String key =
        FakeServices.newKey(
            DOLLAR,
            new KeyLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new Cap("generations", Cap.Window.DAY, 3))));

    assertThat(image(key, "{\"prompt\":\"a\",\"num_images_per_prompt\":4}").statusCode())
        .isEqualTo(429);
    assertThat(events()).isEmpty();
    assertThat(image(key, "{\"prompt\":\"a\",\"num_images_per_prompt\":3}").statusCode())
        .isEqualTo(200);
  }

  @Test
  void refusesWithoutMoneyAndTakesNothing() {
    String key = FakeServices.newKey(1_000, KeyLimits.NONE);

    Response answer = image(key, "{\"prompt\":\"a fox\"}");

    assertThat(answer.statusCode()).isEqualTo(402);
    assertThat(answer.jsonPath().getString("code")).isEqualTo("balance_too_low");
    assertThat(FakeServices.jobs()).isEmpty();
    assertThat(events()).isEmpty();
    assertThat(holds()).isZero();
  }

  @Test
  void aKeyWithAWrongChecksumCostsNoLookUp() {
    String key = ApiKey.generate("live", new SecureRandom()).reveal();
    String mistyped = key.substring(0, key.length() - 1) + (key.endsWith("0") ? "1" : "0");
    int before = FakeServices.RESOLVED.size();

    assertThat(image(mistyped, "{}").statusCode()).isEqualTo(401);
    assertThat(FakeServices.RESOLVED).hasSize(before);
    assertThat(image(key, "{}").statusCode()).isEqualTo(401);
    assertThat(FakeServices.RESOLVED).hasSize(before + 1);
  }

  @Test
  void forgetsAChangedKeyWithinASecond() throws InterruptedException {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    assertThat(image(key, "{\"prompt\":\"a\"}").statusCode()).isEqualTo(200);
    String keyId = FakeServices.KEYS.remove(key).keyId();
    assertThat(image(key, "{\"prompt\":\"a\"}").statusCode()).isEqualTo(200);

    redis.stream(String.class)
        .xadd(
            "naap:keys",
            Map.of(
                "e",
                "{\"event_id\":\"evt_1\",\"occurred_at\":\"2026-01-01T00:00:00Z\",\"key_id\":\""
                    + keyId
                    + "\",\"tenant_id\":\"ten_1\",\"revision\":2}"));
    assertThat(Eventually.holds(() -> image(key, "{\"prompt\":\"a\"}").statusCode() == 401))
        .isTrue();
  }

  @Test
  void aKeyWorksInItsScopeOnly() {
    String key = FakeServices.newKey("ten_scope", DOLLAR, KeyLimits.NONE, List.of("llm"));

    assertThat(image(key, "{\"prompt\":\"a\"}").statusCode()).isEqualTo(403);
    assertThat(chat(key)).contains("[DONE]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt\":|400",
        "[]|422",
        "{}|422",
        "{\"prompt\":1}|422",
        "{\"prompt\":\"a\",\"width\":-1}|422",
        "{\"prompt\":\"a\",\"width\":1.5}|422",
        "{\"prompt\":\"a\",\"width\":8,\"Width\":8192}|422",
        "{\"prompt\":\"a\",\"width\":8,\"width\":8192}|400",
        "{\"prompt\":\"a\"} {\"width\":8192}|400",
        "{\"prompt\":\"a\",\"width\":999999999999999999999}|422",
        "{\"prompt\":\"a\",\"num_images_per_prompt\":1000}|422",
        "{\"prompt\":\"a\",\"model_id\":\"stabilityai/sdxl\"}|404"
      })
  void badInputLeavesNothingBehind(String body, int status) {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer = image(key, body);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(status);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(events()).isEmpty();
    assertThat(holds()).isZero();
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void refusesWrongTypesAndTooMuch() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    assertThat(
            given()
                .header("x-api-key", key)
                .contentType("text/plain")
                .body("x")
                .post("/text-to-image")
                .statusCode())
        .isEqualTo(415);
    assertThat(image(key, "{\"prompt\":\"" + "a".repeat(4 << 20) + "\"}").statusCode())
        .isEqualTo(413);
    assertThat(
            given()
                .header("x-api-key", key)
                .header("Content-Duration", "-5")
                .body(new byte[1])
                .post("/live/s/0.ts")
                .statusCode())
        .isEqualTo(422);
    assertThat(
            given()
                .header("x-api-key", key)
                .header("x-much", "a".repeat(20_000))
                .get("/v1/models")
                .statusCode())
        .isEqualTo(431);
    assertThat(given().header("x-api-key", key).post("/text-to-music").statusCode()).isEqualTo(404);
    assertThat(given().get("/v1/models").statusCode()).isEqualTo(401);
    assertThat(events()).isEmpty();
  }

  @Test
  void listsTheModels() {
    String key = FakeServices.newKey(0, KeyLimits.NONE);

    assertThat(
            given()
                .header("x-api-key", key)
                .get("/v1/models")
                .jsonPath()
                .getList("data.id", String.class))
        .contains("meta-llama/llama-3.1-8B-Instruct", "stabilityai/sdxl-turbo")
        .doesNotContain("*");
  }

  @Test
  void makesImagesInOpenAisShapes() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer =
        given()
            .header("Authorization", "Bearer " + key)
            .contentType("application/json")
            .body("{\"prompt\":\"a fox\",\"size\":\"256x512\",\"n\":1}")
            .post("/v1/images/generations");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("data[0].url"))
        .isEqualTo("http://naap.test/stream/g-gateway-1/abc/1.png");
    assertThat(answer.jsonPath().getLong("created")).isPositive();
    assertThat(answer.header("Server-Timing")).contains("router;dur=", "upstream;dur=");
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/text-to-image");
    assertThat(FakeServices.GATEWAY.getFirst().body()).contains("\"width\":256", "\"height\":512");
    assertThat(onlyEvent().units().get(Unit.PIXELS)).isEqualTo(256 * 512);
  }

  @Test
  void transcribesInOpenAisShapes() {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);

    Response answer =
        given()
            .header("Authorization", "Bearer " + key)
            .multiPart("model", "openai/whisper-large-v3")
            .multiPart("file", "a.wav", Samples.wav(2), "audio/wav")
            .post("/v1/audio/transcriptions");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("text")).isEqualTo("hello");
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/audio-to-text");
    assertThat(FakeServices.GATEWAY.getFirst().body())
        .contains("name=\"model_id\"\r\n\r\nopenai/whisper-large-v3", "name=\"audio\"")
        .doesNotContain("name=\"file\"");
    assertThat(onlyEvent().units().get(Unit.MILLISECONDS)).isEqualTo(2_000);
  }

  @Test
  void servesNobodyWhoseInvoicesAreOverdue() {
    FakeServices.OVERDUE.add("ten_overdue");
    String key = FakeServices.newKey("ten_overdue", DOLLAR, KeyLimits.NONE, List.of());

    Response answer = image(key, "{\"prompt\":\"a fox\"}");

    assertThat(answer.statusCode()).isEqualTo(402);
    assertThat(answer.jsonPath().getString("code")).isEqualTo("payment_overdue");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  private List<RequestLogged> logged(String key) {
    return redis.stream(String.class)
        .xrange("naap:requests", io.quarkus.redis.datasource.stream.StreamRange.of("-", "+"))
        .stream()
        .flatMap(entry -> UsageEntry.events(entry.payload().get("e")).stream())
        .map(line -> Json.read(line, RequestLogged.class))
        .filter(line -> line.request().tenantId().equals(FakeServices.KEYS.get(key).tenantId()))
        .toList();
  }

  @Test
  void logsRequestsServedAndRefused() throws InterruptedException {
    String key = FakeServices.newKey(DOLLAR, KeyLimits.NONE);
    image(key, "{\"prompt\":\"a fox\"}");
    image(key, "{\"prompt\":\"a fox\",\"model_id\":\"nobody/has-it\"}");
    var unused = Eventually.holds(() -> logged(key).size() == 2);

    List<RequestLogged> lines = logged(key);
    assertThat(lines).extracting(line -> line.answer().status()).containsExactly(200, 404);
    assertThat(lines.get(0).answer().gateway()).hasValue("gateway-1");
    assertThat(lines.get(0).cost().nanos()).isEqualTo(2_621_440);
    assertThat(lines.get(1).answer().refusal()).hasValue("unknown_model");
  }
}
