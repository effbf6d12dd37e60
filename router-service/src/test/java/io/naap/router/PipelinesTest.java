package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One job of each kind that is not in {@link JobsTest}, and what it is billed by. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class PipelinesTest {
  @Inject RedisDataSource redis;
  private String key;

  @BeforeEach
  void aKeyWithMoney() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "image-to-image, timbrooks/instruct-pix2pix, 64000, 1",
    "upscale, stabilityai/stable-diffusion-x4-upscaler, 64000, 1",
    "image-to-video, stabilityai/stable-video-diffusion-img2vid-xt, 14745600, 1",
    "segment-anything-2, facebook/sam2-hiera-large, 64000, 0",
    "image-to-text, Salesforce/blip-image-captioning-large, 64000, 0"
  })
  void aPictureIsBilledByItsPixels(String capability, String model, long pixels, long made)
      throws InterruptedException {
    Response answer =
        given()
            .header("x-api-key", key)
            .multiPart("prompt", "a fox")
            .multiPart("image", "a.png", Samples.png(320, 200), "image/png")
            .post("/" + capability);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/" + capability);
    assertThat(FakeServices.GATEWAY.getFirst().body())
        .contains("name=\"model_id\"\r\n\r\n" + model);
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.capability()).isEqualTo(capability);
    assertThat(event.model()).isEqualTo(model);
    assertThat(event.units().get(Unit.PIXELS)).isEqualTo(pixels);
    assertThat(event.units().get(Unit.GENERATIONS)).isEqualTo(made);
    assertThat(event.estimatedCost().isZero()).isFalse();
  }

  private Response picture(String field, Object... more) {
    return pictureWith(field, "image", more);
  }

  /**
   * @param behind a second file's field
   */
  private Response pictureWith(String field, String behind, Object... more) {
    var asked = given().header("x-api-key", key);
    for (int at = 0; at + 1 < more.length; at += 2) {
      asked = asked.multiPart((String) more[at], (String) more[at + 1]);
    }
    return asked
        .multiPart(field, "a.png", Samples.png(8, 8), "image/png")
        .multiPart("num_images_per_prompt", "2")
        .multiPart(behind, "b.png", Samples.png(8000, 8000), "image/png")
        .post("/image-to-image");
  }

  private Response smallPicture(String... more) {
    var asked = given().header("x-api-key", key);
    for (int at = 0; at + 1 < more.length; at += 2) {
      asked = asked.multiPart(more[at], more[at + 1]);
    }
    return asked
        .multiPart("image", "a.png", Samples.png(8, 8), "image/png")
        .multiPart("num_images_per_prompt", "2")
        .post("/image-to-image");
  }

  @Test
  void whatComesAfterTheFileOfASmallFormIsReadAndBilled() throws InterruptedException {
    Response answer = smallPicture();

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    String sent = FakeServices.GATEWAY.getFirst().body();
    assertThat(sent.substring(0, sent.indexOf("a.png")))
        .contains("name=\"num_images_per_prompt\"\r\n\r\n2\r\n");
    assertThat(sent.split("num_images_per_prompt", -1)).hasSize(2);
    assertThat(Recorded.only(redis, key).units().get(Unit.PIXELS)).isPositive();
  }

  @Test
  void aSecondFileIsRefused() {
    assertThat(picture("image").statusCode()).isEqualTo(422);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aFieldThatIsPaidForIsRefusedBehindAFileThatPassesThrough() {
    byte[] large = java.util.Arrays.copyOf(Samples.png(8, 8), 200_000);
    Response answer =
        given()
            .header("x-api-key", key)
            .multiPart("image", "a.png", large, "image/png")
            .multiPart("num_images_per_prompt", "20")
            .post("/image-to-image");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.asString()).contains("num_images_per_prompt");
  }

  @Test
  void aFileThatTheGatewayDoesNotLookAtIsNotWhatIsPaidFor() {
    Response answer = picture("decoy");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aFileBehindLongFieldsIsRefusedBecauseItsSizeIsNotSeen() {
    Response answer = picture("image", "prompt", "x".repeat(65_250));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aPictureWhoseSizeIsBehindItsMetadataIsRefused() {
    byte[] picture = new byte[100_000];
    ByteBuffer.wrap(picture).putInt(0xffd8ffe1).putShort((short) 0xffff);

    Response answer =
        given()
            .header("x-api-key", key)
            .multiPart("image", "a.jpg", picture, "image/jpeg")
            .post("/upscale");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.asString()).contains("metadata");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aModelThatIsLeftBlankIsMadeExplicit() {
    Response answer = smallPicture("model_id", "");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    String sent = FakeServices.GATEWAY.getFirst().body();
    assertThat(sent).contains("name=\"model_id\"\r\n\r\ntimbrooks/instruct-pix2pix");
    assertThat(sent.split("model_id", -1)).hasSize(2);
  }

  private Response segment(String configuration) {
    return segment(configuration, 2_000);
  }

  private Response segment(String configuration, int millis) {
    var asked = given().header("x-api-key", key).header("Content-Duration", millis);
    if (configuration != null) {
      asked = asked.header("Livepeer-Transcode-Configuration", configuration);
    }
    return asked.contentType("video/mp2t").body(new byte[100]).post("/live/cam/0.ts");
  }

  private static JsonPath told() {
    return JsonPath.from(
        FakeServices.GATEWAY.getLast().headers().get("livepeer-transcode-configuration"));
  }

  @Test
  void aSegmentStaysInItsTenantsStreamWhateverItsConfigurationSays() {
    Response answer =
        segment(
            "{\"manifestID\":\"ten_other-cam\",\"ManifestId\":\"ten_other-cam\","
                + "\"streamID\":\"ten_other-cam\",\"verificationFreq\":1,\"timeoutMultiplier\":2,"
                + "\"Profiles\":[{\"WIDTH\":640,\"height\":360,\"fps\":30}]}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    Map<String, Object> told = told().getMap("$");
    assertThat(told).containsOnlyKeys("timeoutMultiplier", "profiles");
    assertThat(told().getList("profiles.width")).containsExactly(640);
    assertThat(FakeServices.GATEWAY.getFirst().uri())
        .startsWith("/live/" + FakeServices.KEYS.get(key).tenantId() + "-cam-");
  }

  @Test
  void noGatewayIsToldToOpenAnAddressOfAClients() {
    for (String field : List.of("objectStore", "RecordObjectStore", "recordObjectStoreUrl")) {
      Response answer = segment("{\"" + field + "\":\"s3+http://id:secret@10.0.0.1/bucket\"}");

      assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
      assertThat(answer.jsonPath().getString("detail")).contains(field, "multipart/mixed");
    }
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aSegmentIsBilledByTheMillisecondsOfItsSourceAndThePixelsOfItsRenditions()
      throws InterruptedException {
    Response answer =
        segment(
            "{\"presets\":[\"P720p30fps16x9\"],\"profiles\":[{\"name\":\"low\",\"width\":320,"
                + "\"height\":180,\"fps\":30000,\"fpsDen\":1001}]}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    Units units = Recorded.only(redis, key).units();
    assertThat(units.get(Unit.REQUESTS)).isEqualTo(1);
    assertThat(units.get(Unit.MILLISECONDS)).isEqualTo(2_000);
    // 1280 x 720 x 30 x 2 and 320 x 180 x 30000 / 1001 x 2, rounded up.
    assertThat(units.get(Unit.PIXELS)).isEqualTo(55_296_000 + 3_452_548);
  }

  @Test
  void aSegmentThatAsksForNothingIsMadeAndBilledAsTheRouterSays() throws InterruptedException {
    Response answer = segment(null);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(told().getList("presets")).containsExactly("P240p30fps16x9", "P360p30fps16x9");
    assertThat(Recorded.only(redis, key).units().get(Unit.PIXELS))
        .isEqualTo((426 * 240 + 640 * 360) * 60);
  }

  @Test
  void aSegmentOfMorePixelsThanMeteringTakesIsRefused() {
    String most = "{\"profiles\":[{\"width\":8192,\"height\":8192,\"fps\":60}]}";

    assertThat(segment(most, 248_353).statusCode()).isEqualTo(422);
    assertThat(FakeServices.jobs()).isEmpty();
    assertThat(segment(most, 248_352).statusCode()).isEqualTo(200);
  }

  @Test
  void otherRenditionsAreAnotherStreamAtTheGatewayWhichNeverLooksAgain() {
    segment("{\"presets\":[\"P720p60fps16x9\"]}");
    String dear = FakeServices.GATEWAY.getLast().uri();
    segment("{\"presets\":[\"P144p30fps16x9\"]}");
    String cheap = FakeServices.GATEWAY.getLast().uri();
    segment("{\"presets\":[\" P720p60fps16x9 \"],\"profiles\":null}");

    assertThat(cheap).isNotEqualTo(dear);
    assertThat(FakeServices.GATEWAY.getLast().uri()).isEqualTo(dear);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"presets\":[\"P2160p60fps16x9\"]}",
        "{\"profiles\":[]}",
        "{\"profiles\":[{\"width\":640}]}",
        "{\"profiles\":[{\"width\":640,\"height\":360,\"fps\":-1}]}",
        "{\"profiles\":[{\"width\":640,\"height\":360}],\"Profiles\":[]}"
      })
  void aSegmentWhoseRenditionsCannotBeCountedIsRefused(String configuration) {
    Response answer = segment(configuration);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.asString()).contains("Livepeer-Transcode-Configuration");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void aTextReadAloudIsBilledByItsCharacters() throws InterruptedException {
    Response answer =
        given()
            .header("x-api-key", key)
            .contentType("application/json")
            .body("{\"text\":\"hello w\u00f6rld\"}")
            .post("/text-to-speech");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("audio.url"))
        .isEqualTo("http://naap.test/stream/g-gateway-1/abc/1.wav");
    assertThat(Recorded.only(redis, key).units().get(Unit.CHARACTERS)).isEqualTo(11);
  }

  @Test
  void aByocJobIsBilledByItsTimeUnderItsOwnName() throws InterruptedException {
    Response answer = byoc(key, job("echo", "{}"));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(FakeServices.GATEWAY.getFirst().uri()).isEqualTo("/process/request/echo?x=1");
    assertThat(FakeServices.GATEWAY.getFirst().headers()).containsKey("livepeer");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.capability()).isEqualTo("byoc");
    assertThat(event.model()).isEqualTo("echo");
    assertThat(event.units().get(Unit.MILLISECONDS)).isBetween(1L, 5_000L);
  }

  @Test
  void aTenantsAffinityGoesIntoItsByocJobs() {
    String affine =
        FakeServices.newKey(FakeServices.AFFINE, 1_000_000_000L, KeyLimits.NONE, List.of());

    byoc(affine, job("echo", "{\\\"enable_data_output\\\":true}"));

    String sent = FakeServices.GATEWAY.getFirst().headers().get("livepeer");
    JsonPath header =
        JsonPath.from(new String(Base64.getDecoder().decode(sent), StandardCharsets.UTF_8));
    JsonPath parameters = JsonPath.from(header.getString("parameters"));
    assertThat(parameters.getList("orchestrators.include"))
        .containsExactly("https://orchestrator-1:8935");
    assertThat(parameters.getList("orchestrators.exclude"))
        .containsExactly("https://orchestrator-9:8935");
    assertThat(parameters.getBoolean("enable_data_output")).isTrue();
  }

  private static Response byoc(String key, String header) {
    return given()
        .header("x-api-key", key)
        .header("Livepeer", header)
        .contentType("application/json")
        .body("{\"x\":1}")
        .post("/process/request/echo?x=1");
  }

  private static String job(String capability, String parameters) {
    String json =
        "{\"id\":\"1\",\"capability\":\"%s\",\"request\":\"{}\",\"parameters\":\"%s\",\"timeout_seconds\":30}"
            .formatted(capability, parameters);
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aKeyIsRefusedOutsideItsNetworks() {
    String elsewhere = keyOf(List.of("203.0.113.0/24", "2001:db8::/32"), Optional.empty());
    String here = keyOf(List.of("203.0.113.0/24", "127.0.0.0/8"), Optional.empty());

    assertThat(image(elsewhere).jsonPath().getString("code")).isEqualTo("address_not_allowed");
    assertThat(image(elsewhere).statusCode()).isEqualTo(403);
    assertThat(image(here).statusCode()).isEqualTo(200);
  }

  @Test
  void aKeyIsRefusedFromTheMomentItExpiresAlthoughItsProfileIsKept() throws InterruptedException {
    String brief = keyOf(List.of(), Optional.of(Instant.now().plusMillis(700)));
    assertThat(image(brief).statusCode()).isEqualTo(200);

    assertThat(Eventually.holds(() -> image(brief).statusCode() == 401)).isTrue();
  }

  private static String keyOf(List<String> cidrs, Optional<Instant> expires) {
    return FakeServices.newKey(
        "ten_" + Long.toString(System.nanoTime(), 36),
        1_000_000_000L,
        KeyLimits.NONE,
        List.of(),
        Optional.empty(),
        cidrs,
        expires);
  }

  private static Response image(String key) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"prompt\":\"a\"}")
        .post("/text-to-image");
  }
}
