package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.testing.Stores;
import io.naap.router.routing.RoutingTables;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.core.net.NetSocket;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A pool of two real gateways' habits: they drop what nobody can do, and are well all the while.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(60)
class CapacityTest {
  private static final String IMAGES = "{\"images\":[{\"url\":\"/stream/a/1.png\",\"seed\":1}]}";

  @Inject RedisDataSource redis;
  @Inject RoutingTables tables;
  private String key;

  @BeforeEach
  void aKeyOfThePair() {
    RawGateway.healthy = true;
    key = FakeServices.keyInTier("pair");
  }

  @AfterEach
  void bothAreBackAndNoStreamIsAskedAboutAnyMore() {
    redis.key().del("naap:live:watched");
    RawGateway.healthy = true;
  }

  private Response image(String model) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"prompt\":\"a\",\"model_id\":\"" + model + "\"}")
        .post("/text-to-image");
  }

  /** Drops what is asked of one model, and makes everything else. */
  private static void servesAllBut(String model) {
    RawGateway.plays(
        socket -> {
          if (RawGateway.of(socket).body.contains(model)) {
            socket.close();
          } else {
            json(socket, IMAGES);
          }
        });
  }

  private static void json(NetSocket socket, String body) {
    status(socket, "200 OK", body);
  }

  private static void status(NetSocket socket, String status, String body) {
    socket.write(
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private boolean isEjected(String gateway) {
    return tables.current().gateway(gateway).orElseThrow().health().isEjected();
  }

  private static boolean comes(BooleanSupplier wanted) throws InterruptedException {
    return Eventually.holds(wanted::getAsBoolean);
  }

  @Test
  void jobsOfAModelThatNobodyServesTakeNoGatewayFromAnybody() throws Exception {
    servesAllBut("unserved/model");
    long probes = RawGateway.PROBES.get();

    List<Long> waits = new ArrayList<>();
    for (int job = 0; job < 14; job++) {
      Response refused = image("unserved/model");
      assertThat(refused.statusCode()).as(refused.asString()).isEqualTo(503);
      assertThat(refused.jsonPath().getString("code")).isEqualTo("no_capacity");
      waits.add(Long.parseLong(refused.header("Retry-After")));
    }

    assertThat(waits).isSorted();
    assertThat(waits.getFirst()).isEqualTo(1);
    assertThat(waits.getLast()).isBetween(16L, 60L);
    assertThat(RawGateway.PROBES.get() - probes).isLessThanOrEqualTo(14);
    assertThat(isEjected("pair-1") || isEjected("pair-2")).isFalse();
    assertThat(image("served/model").statusCode()).isEqualTo(200);
    assertThat(Recorded.usage(redis, key, 15))
        .filteredOn(e -> e.outcome() == JobOutcome.FAILED)
        .hasSize(14)
        .allMatch(event -> event.estimatedCost().isZero());
  }

  @Test
  void aModelIsThereAgainAsSoonAsOneJobOfItIsDone() {
    servesAllBut("for/a-while");
    for (int job = 0; job < 4; job++) {
      image("for/a-while");
    }
    RawGateway.plays(socket -> json(socket, IMAGES));

    assertThat(image("for/a-while").statusCode()).isEqualTo(200);

    servesAllBut("for/a-while");
    assertThat(image("for/a-while").header("Retry-After")).isEqualTo("1");
  }

  @Test
  void aGatewayThatDropsJobsAndIsNotWellIsEjectedAndComesBack() throws Exception {
    RawGateway.plays(NetSocket::close);
    RawGateway.healthy = false;

    for (int job = 0; job < 14; job++) {
      assertThat(image("any/model").statusCode()).isEqualTo(503);
    }

    assertThat(comes(() -> isEjected("pair-1") || isEjected("pair-2"))).isTrue();
    assertThat(isEjected("pair-1") && isEjected("pair-2")).isFalse();

    RawGateway.healthy = true;
    RawGateway.plays(socket -> json(socket, IMAGES));
    assertThat(
            comes(
                () -> {
                  image("any/model");
                  return !isEjected("pair-1") && !isEjected("pair-2");
                }))
        .isTrue();
  }

  private static String livepeer() {
    return Base64.getEncoder()
        .encodeToString(
            "{\"id\":\"1\",\"capability\":\"mine\",\"request\":\"{}\",\"parameters\":\"{}\",\"timeout_seconds\":30}"
                .getBytes(StandardCharsets.US_ASCII));
  }

  private Response asked(String path) {
    var request = given().header("x-api-key", key);
    return switch (path) {
      case "/llm" ->
          request
              .contentType("application/json")
              .body("{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")
              .post(path);
      case "/process/request/x", "/process/stream/start" ->
          request
              .contentType("application/json")
              .header("Livepeer", livepeer())
              .body("{}")
              .post(path);
      case "/live/cam/0.ts" ->
          request
              .contentType("video/mp2t")
              .header("Content-Duration", 2000)
              .body(new byte[] {1})
              .post(path);
      case "/live/video-to-video/x/whip" ->
          request
              .contentType("application/sdp")
              .body("v=0 offer".getBytes(StandardCharsets.US_ASCII))
              .post(path);
      default -> throw new IllegalArgumentException(path);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/llm",
        "/process/request/x",
        "/process/stream/start",
        "/live/cam/0.ts",
        "/live/video-to-video/x/whip"
      })
  void whateverIsDroppedEjectsNobody(String path) {
    RawGateway.plays(NetSocket::close);

    for (int job = 0; job < 12; job++) {
      Response refused = asked(path);
      assertThat(refused.statusCode()).as(refused.asString()).isEqualTo(503);
      assertThat(refused.jsonPath().getString("code")).isEqualTo("no_capacity");
      assertThat(refused.header("Retry-After")).isNotBlank();
    }

    assertThat(isEjected("pair-1") || isEjected("pair-2")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/llm, 500 No, 502",
    "/llm, 400 No, 400",
    "/live/cam/0.ts, 422 No, 422",
    "/live/cam/0.ts, 503 No, 503",
    "/process/request/x, 404 No, 502",
    "/process/stream/start, 400 No, 400",
    "/live/video-to-video/x/whip, 400 No, 400",
    "/live/video-to-video/x/whip, 500 No, 502"
  })
  void whateverIsRefusedEjectsNobodyAndIsToldInOurWords(String path, String status, int told) {
    RawGateway.plays(
        socket ->
            status(
                socket,
                status,
                "{\"error\":{\"message\":\"http://10.9.8.7:9935/live/ten_x/0.ts failed\"}}"));

    for (int job = 0; job < 12; job++) {
      Response refused = asked(path);
      assertThat(refused.statusCode()).as(refused.asString()).isEqualTo(told);
      assertThat(refused.asString()).doesNotContain("10.9.8.7", "9935", "ten_x");
    }

    assertThat(isEjected("pair-1") || isEjected("pair-2")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/process/request/x", "/process/stream/start"})
  void aContainerThatNobodyHasIsACustomersMistake(String path) {
    RawGateway.plays(
        socket -> status(socket, "400 Bad", "No orchestrators found for capability mine"));

    Response refused = asked(path);

    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(refused.jsonPath().getString("code")).isEqualTo("unknown_capability");
  }

  @Test
  void answersThatAreUnusableEjectNobody() {
    RawGateway.plays(socket -> json(socket, "null"));

    for (int job = 0; job < 12; job++) {
      assertThat(image("any/model").statusCode()).isEqualTo(502);
    }

    assertThat(isEjected("pair-1") || isEjected("pair-2")).isFalse();
  }

  @Test
  void streamsThatBreakEjectNobody() throws Exception {
    RawGateway.plays(
        socket -> {
          String event = RawGateway.event(1, false);
          socket
              .write(
                  RawGateway.EVENTS
                      + "Transfer-Encoding: chunked\r\n\r\n"
                      + Integer.toHexString(event.length())
                      + "\r\n"
                      + event
                      + "\r\n")
              .onComplete(sent -> socket.close());
        });

    for (int job = 0; job < 12; job++) {
      asked("/llm");
    }

    List<UsageRecorded> billed = Recorded.usage(redis, key, 12);
    assertThat(billed).hasSize(12).allMatch(event -> event.outcome() == JobOutcome.PARTIAL);
    assertThat(isEjected("pair-1") || isEjected("pair-2")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "image-to-image, 415",
    "upscale, 415",
    "segment-anything-2, 415",
    "image-to-text, 415",
    "image-to-video, 200"
  })
  void aPictureThatNoGatewayDecodesIsRefusedBeforeItIsSent(String capability, int status) {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    String standard = FakeServices.keyInTier("standard");
    byte[] webp = new byte[64];
    System.arraycopy("RIFF".getBytes(StandardCharsets.US_ASCII), 0, webp, 0, 4);
    System.arraycopy("WEBPVP8X".getBytes(StandardCharsets.US_ASCII), 0, webp, 8, 8);

    for (byte[] picture :
        List.of(webp, "BM and more than twelve bytes".getBytes(StandardCharsets.US_ASCII))) {
      Response answer =
          given()
              .header("x-api-key", standard)
              .multiPart("prompt", "a fox")
              .multiPart("image", "a.webp", picture, "image/png")
              .post("/" + capability);

      assertThat(answer.statusCode())
          .as(answer.asString())
          .isEqualTo(picture == webp ? status : 415);
      if (answer.statusCode() == 415) {
        assertThat(answer.jsonPath().getString("code")).isEqualTo("unsupported_picture");
      }
    }
    assertThat(FakeServices.GATEWAY).hasSize(status == 200 ? 1 : 0);
  }
}
