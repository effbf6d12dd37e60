package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.testing.RawClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are begun and not finished, or that say two things. */
@QuarkusTest
@QuarkusTestResource(FakeServices.class)
class HostileBodiesTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TestHTTPResource URI server;

  private String key;

  @BeforeEach
  void aKey() {
    key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
    FakeServices.GATEWAY.clear();
    FakeServices.mode = "";
  }

  private String head(String path, String type, long length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + key
        + "\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  @Test
  void unfinishedBodiesTakeNoMoreMemoryThanThereIsAndEnd() throws Exception {
    try (RawClient clients = RawClient.open(server, 28)) {
      clients.send(head("/text-to-image", "application/json", 3_900_000));
      clients.send("{\"prompt\":\"" + "x".repeat(2_000_000));

      assertThat(
              given()
                  .header("x-api-key", FakeServices.newKey(1_000_000_000L, KeyLimits.NONE))
                  .get("/v1/models")
                  .statusCode())
          .isEqualTo(200);
      assertThat(clients.statuses(SOON)).isSubsetOf(List.of(408, 503)).contains(503);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
    assertThat(image("{\"prompt\":\"a fox\"}")).isEqualTo(200);
  }

  @Test
  void anUnknownKeysBodyIsNotRead() throws Exception {
    key = "naap_test_nobody";
    try (RawClient clients = RawClient.open(server, 50)) {
      clients.send(head("/text-to-image", "application/json", 3_900_000));

      assertThat(clients.statuses(SOON)).containsOnly(401);
      assertThat(clients.areClosedWithin(SOON)).isTrue();
    }
  }

  @Test
  void aBodyWithTooManyNamesIsRefusedBeforeItIsParsed() {
    StringBuilder body = new StringBuilder("{\"prompt\":\"a\"");
    for (int i = 0; i < 200_000; i++) {
      body.append(",\"n").append(i).append("\":1");
    }
    assertThat(image(body.append('}').toString())).isEqualTo(400);
    assertThat(image("{\"prompt\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}")).isEqualTo(400);
    assertThat(image("{\"prompt\":\"a\",\"width\":" + "1".repeat(5_000) + "}")).isEqualTo(400);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"prompt\":\"a\",\"wi\u00c1\u00a4th\":1}",
        "{\"prompt\":\"a\",\"x\":\"\u00ed\u00a0\u0080\"}",
        "{\"prompt\":\"a\",\"x\":\"\u00f4\u0090\u0080\u0080\"}",
        "{\"prompt\":\"\u00c3\"}",
        "\u00ef\u00bb\u00bf{\"prompt\":\"a\"}",
        "{\"prompt\":\"a\"}{\"width\":8192}",
        "{\"prompt\":\"a\",\"width\":64,\"width\":8192}",
        "{\"prompt\":\"a\",\"Width\":8192}",
        "{\"prompt\":\"a\",\"width\":64.0}",
        "{\"prompt\":\"a\",\"width\":1e3}",
        "{\"prompt\":\"a\",\"width\":\"64\"}",
        "{\"prompt\":\"a\",\"width\":064}",
        "{\"prompt\":\"a\",\"width\":-0}",
        "{\"prompt\":\"a\",\"width\":+64}",
        "{\"prompt\":\"\\ud800\"}",
        "{\"prompt\":\"a\"}\u0000",
        "{'prompt':'a'}",
        "{\"prompt\":\"a\",\"width\":NaN}",
        "{\"prompt\":\"a\"/*,\"width\":8192*/}"
      })
  void refusesWhatAGatewayCouldReadInAnotherWay(String body) {
    int status =
        given()
            .header("x-api-key", key)
            .contentType("application/json")
            .body(body.getBytes(StandardCharsets.ISO_8859_1))
            .post("/text-to-image")
            .statusCode();

    assertThat(status).isIn(400, 422);
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void refusesOtherCharsetsAndEncodings() {
    assertThat(
            given()
                .header("x-api-key", key)
                .header("Content-Type", "application/json; charset=utf-16")
                .body("{\"prompt\":\"a\"}".getBytes(StandardCharsets.UTF_16BE))
                .post("/text-to-image")
                .statusCode())
        .isEqualTo(415);
    var encoded =
        given()
            .header("x-api-key", key)
            .header("Content-Encoding", "gzip")
            .contentType("application/json")
            .body(new byte[] {31, -117, 8})
            .post("/text-to-image");
    assertThat(encoded.statusCode()).isEqualTo(415);
    assertThat(encoded.header("Accept-Encoding")).isEqualTo("identity");
  }

  @Test
  void aGatewayGetsWhatWasRead() {
    assertThat(
            image(
                "{ \"\\u0077idth\": 64, \"height\":128 ,\"prompt\":\"\\u0061\", \"n\\u0061me\":1.50}"))
        .isEqualTo(200);

    assertThat(FakeServices.GATEWAY.getFirst().body())
        .startsWith("{\"width\":64,\"height\":128,\"prompt\":\"a\",\"name\":1.5");
  }

  private int image(String body) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body(body.getBytes(StandardCharsets.UTF_8))
        .post("/text-to-image")
        .statusCode();
  }
}
