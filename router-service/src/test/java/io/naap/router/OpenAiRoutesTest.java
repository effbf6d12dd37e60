package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class OpenAiRoutesTest {
  @Inject RedisDataSource redis;
  private String key;

  @BeforeEach
  void aKeyWithMoney() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
  }

  private RequestSpecification asked() {
    return given().header("Authorization", "Bearer " + key);
  }

  private Response json(String path, String body) {
    return asked().contentType("application/json").body(body).post(path);
  }

  @Test
  void asksForTheUsageOfEveryStreamAndKeepsItFromAClientThatDidNot() throws Exception {
    String stream =
        json(
                "/v1/chat/completions",
                "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
            .asString();

    assertThat(stream).doesNotContain("usage").endsWith("data: [DONE]\n\n");
    assertThat(stream).contains("\"object\":\"chat.completion.chunk\"");
    Map<String, Object> sent =
        JsonPath.from(FakeServices.GATEWAY.getFirst().body()).getMap("stream_options");
    assertThat(sent).isEqualTo(Map.of("include_usage", true));
    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(3);
  }

  @Test
  void tellsTheUsageOnceAndLastToAClientThatAskedForIt() {
    String stream =
        json(
                "/v1/chat/completions",
                """
                {"stream":true,"stream_options":{"include_usage":true},
                 "messages":[{"role":"user","content":"hi"}]}\
                """)
            .asString();

    List<String> events = List.of(stream.split("\n\n"));
    assertThat(events).hasSize(5);
    assertThat(events.subList(0, 3)).noneMatch(event -> event.contains("usage"));
    JsonPath last = JsonPath.from(events.get(3).substring(6));
    assertThat(last.getList("choices")).isEmpty();
    assertThat(last.getInt("usage.completion_tokens")).isEqualTo(3);
    assertThat(last.getInt("usage.total_tokens")).isEqualTo(8);
    assertThat(events.get(4)).isEqualTo("data: [DONE]");
  }

  @Test
  void whatIsNullIsLeftOut() {
    Response answer =
        json(
            "/v1/chat/completions",
            """
            {"stream":null,"stream_options":null,"max_tokens":null,"n":null,"model":null,
             "messages":[{"role":"user","content":"hi"}]}\
            """);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(JsonPath.from(FakeServices.GATEWAY.getFirst().body()).getBoolean("stream"))
        .isFalse();
  }

  @Test
  void aLimitOfTokensThatIsNullLimitsNothing() {
    json(
        "/v1/chat/completions",
        """
        {"max_tokens":50,"max_completion_tokens":null,
         "messages":[{"role":"user","content":"hi"}]}\
        """);

    assertThat(JsonPath.from(FakeServices.GATEWAY.getFirst().body()).getInt("max_tokens"))
        .isEqualTo(50);
  }

  @Test
  void leavesTheGatewaysOwnPathAsTheGatewayWritesIt() {
    String stream =
        json("/llm", "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
            .asString();

    assertThat(stream).contains("\"usage\"").doesNotContain("[DONE]", "chat.completion.chunk");
  }

  @Test
  void answersATextReadAloudWithTheRecording() throws Exception {
    Response answer =
        json("/v1/audio/speech", "{\"model\":\"\",\"input\":\"hello\",\"voice\":\"jon\"}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("audio/wav");
    assertThat(answer.asByteArray()).isEqualTo(Samples.wav(3));
    assertThat(FakeServices.GATEWAY.get(0).uri()).isEqualTo("/text-to-speech");
    assertThat(FakeServices.GATEWAY.get(0).body())
        .contains("\"text\":\"hello\"", "parler-tts/parler-tts-large-v1", "jon's voice");
    assertThat(FakeServices.GATEWAY.get(1).uri()).isEqualTo("/stream/abc/1.wav");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.units().get(Unit.CHARACTERS)).isEqualTo(5);
    assertThat(event.units().get(Unit.MILLISECONDS)).isEqualTo(3_000);
    assertThat(event.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
  }

  @Test
  void measuresARecordingHoweverSmallItsFirstPieceIs() throws Exception {
    FakeServices.mode = "drip";

    Response answer = json("/v1/audio/speech", "{\"input\":\"hello\"}");

    assertThat(answer.asByteArray()).isEqualTo(Samples.wav(3));
    assertThat(Recorded.only(redis, key).units().get(Unit.MILLISECONDS)).isEqualTo(3_000);
  }

  @Test
  void uploadsCountUntilTheirJobsEnd() throws Exception {
    FakeServices.GATEWAY.clear();
    FakeServices.mode = "hang";
    Thread first = Thread.ofVirtual().start(() -> upload(6_000_000));
    assertThat(Eventually.holds(() -> !FakeServices.GATEWAY.isEmpty())).isTrue();

    assertThat(wholeUpload(25_000_000)).contains("503");
    first.join();
    FakeServices.mode = "";
    for (int times = 0; times < 6; times++) {
      assertThat(upload(6_000_000).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void uploadsThatAreRefusedTakeNobodysPlace() throws IOException {
    for (int times = 0; times < 6; times++) {
      asked()
          .multiPart("file", "a.mp3", sound(6_000_000), "audio/mpeg")
          .multiPart("response_format", "srt")
          .post("/v1/audio/transcriptions")
          .then()
          .statusCode(422);
      asked()
          .multiPart("file", "a.mp3", sound(6_000_000), "audio/mpeg")
          .multiPart("model", "no-such-model")
          .post("/v1/audio/transcriptions")
          .then()
          .statusCode(404);
    }

    assertThat(wholeUpload(25_000_000)).contains("200");
  }

  /** A second of sound, and zeros behind it. */
  private static byte[] sound(int bytes) {
    return java.util.Arrays.copyOf(Samples.wav(1), bytes);
  }

  private Response upload(int bytes) {
    return asked()
        .multiPart("file", "a.mp3", sound(bytes), "audio/mpeg")
        .post("/v1/audio/transcriptions");
  }

  @Test
  void anUploadThatStopsIsGivenUpSoThatItTakesNobodysPlace() throws Exception {
    assertThat(beginUpload(20_000_000)).contains("408");
  }

  /** The first line of the answer to an upload that says its length, as large ones should. */
  private String wholeUpload(int bytes) throws IOException {
    byte[] begin =
        """
        --B\r
        Content-Disposition: form-data; name="file"; filename="a.mp3"\r
        Content-Type: audio/mpeg\r
        \r
        """
            .getBytes(StandardCharsets.US_ASCII);
    byte[] end = "\r\n--B--\r\n".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout(10_000);
      var out = socket.getOutputStream();
      out.write(
          ("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                  + key
                  + "\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: "
                  + (begin.length + bytes + end.length)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      try {
        out.write(begin);
        out.write(sound(bytes));
        out.write(end);
      } catch (IOException refused) {
        // Its answer has come before all of it was sent.
      }
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  /** The first line of the answer to an upload of which nothing comes but its beginning. */
  private String beginUpload(int bytes) throws IOException {
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                      + key
                      + "\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: "
                      + bytes
                      + "\r\n\r\n--B\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"input\":\"a\",\"response_format\":\"mp3\"}",
        "{\"input\":\"a\",\"speed\":2}",
        "{\"input\":1}"
      })
  void refusesASpeechItCannotMake(String body) {
    Response answer = json("/v1/audio/speech", body);

    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.jsonPath().getString("error.type")).isEqualTo("invalid_request_error");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void editsAnImageWhoseFileComesBeforeItsFields() throws Exception {
    Response answer =
        asked()
            .multiPart("image", "a.png", Samples.png(320, 200), "image/png")
            .multiPart("prompt", "a hat")
            .multiPart("n", "2")
            .multiPart("model", "timbrooks/instruct-pix2pix")
            .post("/v1/images/edits");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getString("data[0].url"))
        .isEqualTo("http://naap.test/stream/g-gateway-1/abc/1.png");
    FakeServices.Seen seen = FakeServices.GATEWAY.getFirst();
    assertThat(seen.uri()).isEqualTo("/image-to-image");
    assertThat(seen.body())
        .contains(
            "name=\"model_id\"\r\n\r\ntimbrooks/instruct-pix2pix",
            "name=\"num_images_per_prompt\"\r\n\r\n2",
            "a hat");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.capability()).isEqualTo("image-to-image");
    // Two were asked for, and one came.
    assertThat(event.units().get(Unit.PIXELS)).isEqualTo(320 * 200);
    assertThat(event.units().get(Unit.GENERATIONS)).isEqualTo(1);
  }

  @Test
  void variesAnImageWithoutAText() throws Exception {
    Response answer =
        asked()
            .multiPart("image", "a.png", Samples.png(64, 64), "image/png")
            .post("/v1/images/variations");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(FakeServices.GATEWAY.getFirst().body()).contains("name=\"prompt\"");
    assertThat(Recorded.only(redis, key).units().get(Unit.PIXELS)).isEqualTo(64 * 64);
  }

  @Test
  void transcribesARecordingThatComesBeforeItsModel() throws Exception {
    Response answer =
        asked()
            .multiPart("file", "a.wav", Samples.wav(2), "audio/wav")
            .multiPart("model", "openai/whisper-large-v3")
            .post("/v1/audio/transcriptions");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(FakeServices.GATEWAY.getFirst().body())
        .contains("name=\"audio\"", "name=\"model_id\"\r\n\r\nopenai/whisper-large-v3");
    assertThat(Recorded.only(redis, key).units().get(Unit.MILLISECONDS)).isEqualTo(2_000);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/images/edits, response_format, b64_json",
    "/v1/images/edits, stream, true",
    "/v1/images/edits, model_id, another/model",
    "/v1/images/edits, num_images_per_prompt, 20",
    "/v1/audio/transcriptions, response_format, srt"
  })
  void refusesFormsItCannotAnswerAsAsked(String path, String field, String value) {
    Response answer =
        asked()
            .multiPart("image", "a.png", Samples.png(64, 64), "image/png")
            .multiPart(field, value)
            .post(path);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.jsonPath().getString("error.code")).isEqualTo("invalid");
    assertThat(FakeServices.jobs()).isEmpty();
  }

  @Test
  void refusesASecondFile() {
    Response answer =
        asked()
            .multiPart("image", "a.png", Samples.png(64, 64), "image/png")
            .multiPart("mask", "b.png", Samples.png(64, 64), "image/png")
            .multiPart("prompt", "a hat")
            .post("/v1/images/edits");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.jsonPath().getString("error.message")).contains("one file");
  }

  @Test
  void listsModelsWithTheCallersPricesAndTheGatewaysHealth() throws InterruptedException {
    assertThat(Eventually.holds(() -> models().getInt("data[0].health.orchestrators") == 2))
        .isTrue();
    JsonPath list = models();

    assertThat(list.getString("data[0].id")).isEqualTo("stabilityai/sdxl-turbo");
    assertThat(list.getString("data[0].capability")).isEqualTo("text-to-image");
    assertThat(list.getString("data[0].tier")).isEqualTo("standard");
    assertThat(list.getString("data[0].pricing[0].model")).isEqualTo("usage");
    assertThat(list.getString("data[0].pricing[0].unit")).isEqualTo("pixels");
    assertThat(list.getString("data[0].pricing[0].price")).isEqualTo("0.01");
    assertThat(list.getString("data[0].health.status")).isEqualTo("up");
    assertThat(list.getInt("data[0].health.gateways")).isEqualTo(1);
    assertThat(list.getInt("data[0].health.orchestrators")).isEqualTo(2);
    // Nobody on the network serves it any more.
    assertThat(list.getString("data.find { it.capability == 'llm' }.health.status"))
        .isEqualTo("down");
    // Any container is served; the one that is there was discovered.
    assertThat(list.getString("data.find { it.capability == 'byoc' }.id"))
        .isEqualTo("my-container");
  }

  private JsonPath models() {
    return asked().get("/v1/models").jsonPath();
  }

  @Test
  void aModelThatNobodyHasIsToldWhatIsClose() {
    Response answer =
        json(
            "/v1/chat/completions",
            "{\"model\":\"llama-3.1\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.jsonPath().getString("error.code")).isEqualTo("unknown_model");
    assertThat(answer.jsonPath().getString("error.message"))
        .contains("meta-llama/llama-3.1-8B-Instruct");
  }

  @Test
  void refusesAnUnknownKeyInOpenAisShape() {
    Response answer =
        given()
            .header("Authorization", "Bearer sk-something")
            .contentType("application/json")
            .body("{}")
            .post("/v1/chat/completions");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.jsonPath().getString("error.type")).isEqualTo("authentication_error");
    assertThat(answer.jsonPath().getString("error.code")).isEqualTo("key_invalid");
  }
}
