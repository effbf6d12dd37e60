package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The workloads that the demo does not show, and gateways that fail, over the started processes.
 */
class WorkloadsTest {
  private static final Platform PLATFORM = Started.platform();
  private static final Api API = new Api(PLATFORM.origin());
  private static final Api CONTROL = new Api(PLATFORM.simulatorControl().orElseThrow());
  private static Api.Session tenant;
  private static String key;

  @BeforeAll
  static void aTenantWithMoneyAndAKey() {
    tenant = API.signIn(Wallets.random());
    Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
    API.credit(operator, tenant.tenantId(), "50.00", "work-" + tenant.tenantId()).expect(201);
    key = API.createKey(tenant, "{\"name\":\"workloads\"}").path("key").asText();
  }

  @AfterEach
  void aGoodGateway() {
    fault("none");
  }

  @ParameterizedTest
  @CsvSource({
    "/image-to-image, 64000, 1",
    "/upscale, 64000, 1",
    "/image-to-video, 14745600, 1",
    "/segment-anything-2, 64000, 0",
    "/image-to-text, 64000, 0"
  })
  void countsThePixelsOfAPicture(String path, long pixels, long generations) {
    Api.Answer answer = API.send(form(path)).expect(200);

    JsonNode event = event(answer);
    assertThat(event.at("/units/pixels").asLong()).isEqualTo(pixels);
    assertThat(event.at("/units/generations").asLong()).isEqualTo(generations);
    assertThat(event.at("/units/requests").asLong()).isEqualTo(1);
    assertThat(cost(event)).isPositive();
  }

  @Test
  void countsTheCharactersThatAreReadAloud() {
    Api.Answer answer =
        API.post("/text-to-speech", key, "{\"text\":\"hello w\u00f6rld\"}").expect(200);

    assertThat(answer.json().at("/audio/url").asText()).startsWith(PLATFORM.origin().toString());
    assertThat(event(answer).at("/units/characters").asLong()).isEqualTo(11);
  }

  @Test
  void passesAByocJobOnAndCountsItsTime() {
    Api.Answer answer =
        API.send(
                API.request("/process/request/echo", key)
                    .header("livepeer", byoc("{\\\"a\\\":1}", 30))
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"x\":1}")))
            .expect(200);

    assertThat(answer.json().path("echo").asLong()).isEqualTo(7);
    JsonNode event = event(answer);
    assertThat(event.path("capability").asText()).isEqualTo("byoc");
    assertThat(event.at("/units/milliseconds").asLong()).isBetween(1L, 30_000L);
  }

  @Test
  void billsAByocStreamByTheSecondUntilItIsStopped() throws InterruptedException {
    Instant begun = Instant.now();
    Api.Answer start =
        API.send(
                API.request("/process/stream/start", key)
                    .header("livepeer", byoc("{}", 30))
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"params\":\"{}\"}")))
            .expect(200);
    String data = URI.create(start.json().path("data_url").asText()).getPath();
    String stop = URI.create(start.json().path("stop_url").asText()).getPath();
    assertThat(start.json().path("data_url").asText()).startsWith(PLATFORM.origin().toString());

    CompletableFuture<Api.Answer> events =
        CompletableFuture.supplyAsync(() -> API.send(API.request(data, key).GET()));
    Thread.sleep(6_500);
    API.post(stop, key, "{}").expect(200);
    long ran = Duration.between(begun, Instant.now()).toMillis();

    assertThat(events.join().text()).contains("{\"frames\":12}").contains("stream_ended");
    List<JsonNode> billed = events(start.header("x-request-id"), 2);
    assertThat(billed).allMatch(event -> event.path("capability").asText().equals("byoc"));
    assertThat(billed.stream().mapToLong(event -> event.at("/units/milliseconds").asLong()).sum())
        .isBetween(6_000L, ran);
    assertThat(billed.stream().mapToLong(event -> event.at("/units/requests").asLong()).sum())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"'', 30", "{\\\"a\\\":1}, 0", "not json, 30"})
  void refusesAByocJobThatTheGatewayCouldNotRead(String request, int timeout) {
    HttpRequest.Builder job =
        API.request("/process/request/echo", key)
            .header("livepeer", byoc(request, timeout))
            .POST(HttpRequest.BodyPublishers.ofString("{}"));

    int status = API.send(job).status();

    assertThat(status).isIn(400, 422);
  }

  @ParameterizedTest
  @CsvSource({"status=500, 502", "drop, 503", "empty, 502", "wrong-shape, 502", "status=503, 503"})
  void billsNothingWhenTheGatewayFails(String fault, int status) throws InterruptedException {
    BigDecimal before = restingBalance();
    fault(fault);

    Api.Answer answer =
        API.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    JsonNode event = event(answer);
    assertThat(event.path("outcome").asText()).isEqualTo("failed");
    assertThat(event.path("units")).isEmpty();
    assertThat(restingBalance()).isEqualByComparingTo(before);
  }

  @Test
  void answersThatNoGatewayCanBeReachedAndRecovers() throws InterruptedException {
    CONTROL.post("/refuse?ms=1500", null, "").expect(200);
    Thread.sleep(100);

    Api.Answer refused = API.post("/text-to-image", key, "{\"prompt\":\"a\"}");
    Thread.sleep(2_000);
    Api.Answer served =
        API.post("/text-to-image", key, "{\"prompt\":\"a\",\"width\":64,\"height\":64}");

    assertThat(refused.status()).as(refused.toString()).isEqualTo(503);
    assertThat(refused.header("retry-after")).isNotEmpty();
    assertThat(served.status()).as(served.toString()).isEqualTo(200);
  }

  @Test
  void billsTheTokensOfAStreamThatBreaks() {
    fault("drop-after=5");

    Api.Answer answer = chat(16);

    JsonNode event = event(answer);
    assertThat(event.path("outcome").asText()).isEqualTo("partial");
    assertThat(event.at("/units/tokens_out").asLong()).isEqualTo(5);
    assertThat(answer.text()).doesNotContain("[DONE]").contains("error");
  }

  @Test
  void countsChunksWhenTheGatewayNamesNoUsage() {
    fault("no-usage");

    Api.Answer answer = chat(8);

    assertThat(event(answer).at("/units/tokens_out").asLong()).isBetween(8L, 9L);
  }

  @Test
  void stopsTheGatewayAndBillsWhatWasDeliveredWhenTheClientLeaves() throws Exception {
    fault("slow=150");
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<InputStream> stream =
        client.send(
            API.request("/v1/chat/completions", key)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(chatBody(24)))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    String requestId = stream.headers().firstValue("x-request-id").orElseThrow();
    assertThat(stream.body().readNBytes(200)).hasSize(200);

    long left = System.nanoTime();
    stream.body().close();
    client.shutdownNow();
    JsonNode event = event(requestId);
    long millis = (System.nanoTime() - left) / 1_000_000;

    assertThat(event.path("outcome").asText()).isEqualTo("partial");
    assertThat(event.at("/units/tokens_out").asLong()).isBetween(1L, 12L);
    assertThat(millis).isLessThan(1_500);
  }

  @Test
  void showsALiveStreamToItsOwnerAlone() {
    Api.Answer offered =
        API.send(
                API.request("/live/video-to-video/mine/whip?pipeline=streamdiffusion", key)
                    .header("content-type", "application/sdp")
                    .POST(HttpRequest.BodyPublishers.ofString("v=0\r\n")))
            .expect(201);
    String stream = "/live/video-to-video/" + offered.header("x-naap-stream-id");
    Api.Session other = API.signIn(Wallets.random());
    String otherKey = API.createKey(other, "{\"name\":\"other\"}").path("key").asText();

    assertThat(API.get(stream + "/status", key).status()).isEqualTo(200);
    assertThat(API.post(stream + "/update", key, "{\"prompt\":\"b\"}").status()).isEqualTo(200);
    assertThat(API.get(stream + "/status", otherKey).status()).isEqualTo(404);
    assertThat(API.post(stream + "/update", otherKey, "{}").status()).isEqualTo(404);
    assertThat(API.send(API.request(stream + "/whip", otherKey).DELETE()).status()).isEqualTo(404);
    assertThat(API.send(API.request(stream + "/whip", key).DELETE()).status()).isEqualTo(200);
    assertThat(CONTROL.get("/state", null).json().path("streams").toString())
        .doesNotContain(offered.header("x-naap-stream-id"));
  }

  @Test
  void refusesAKeyOutsideItsAddressesScopesAndTime() {
    String elsewhere = keyOf("{\"name\":\"a\",\"allowed_cidrs\":[\"203.0.113.0/24\"]}");
    String scoped = keyOf("{\"name\":\"b\",\"scopes\":{\"capabilities\":[\"llm\"]}}");
    String expired = keyOf("{\"name\":\"c\",\"expires_at\":\"2020-01-01T00:00:00Z\"}");
    String body = "{\"prompt\":\"a\",\"width\":64,\"height\":64}";

    assertThat(API.post("/text-to-image", elsewhere, body).status()).isEqualTo(403);
    assertThat(API.post("/text-to-image", scoped, body).status()).isEqualTo(403);
    assertThat(API.post("/text-to-image", expired, body).status()).isEqualTo(401);
  }

  private static String keyOf(String body) {
    return API.createKey(tenant, body).path("key").asText();
  }

  private static void fault(String fault) {
    CONTROL.post("/fault", null, "{\"fault\":\"" + fault + "\"}").expect(200);
  }

  private static Api.Answer chat(int tokens) {
    return API.post("/v1/chat/completions", key, chatBody(tokens));
  }

  private static String chatBody(int tokens) {
    return """
    {"model":"meta-llama/llama-3.1-8B-Instruct","stream":true,"max_tokens":%d,
     "messages":[{"role":"user","content":"count"}]}"""
        .formatted(tokens);
  }

  private static String byoc(String request, int timeout) {
    String job =
        "{\"id\":\"1\",\"capability\":\"echo\",\"request\":\"%s\",\"parameters\":\"{}\",\"timeout_seconds\":%d}"
            .formatted(request, timeout);
    return Base64.getEncoder().encodeToString(job.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpRequest.Builder form(String path) {
    try {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      String head =
          """
          --b
          Content-Disposition: form-data; name="prompt"

          a
          --b
          Content-Disposition: form-data; name="image"; filename="a.png"
          Content-Type: image/png

          """;
      body.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
      ImageIO.write(new BufferedImage(320, 200, BufferedImage.TYPE_INT_RGB), "png", body);
      body.write("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
      return API.request(path, key)
          .header("content-type", "multipart/form-data; boundary=b")
          .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static JsonNode event(Api.Answer answer) {
    return event(answer.header("x-request-id"));
  }

  /** The one usage event of a request. */
  private static JsonNode event(String requestId) {
    List<JsonNode> events = events(requestId, 1);
    assertThat(events).hasSize(1);
    return events.getFirst();
  }

  private static List<JsonNode> events(String requestId, int least) {
    for (int i = 0; i < 200; i++) {
      List<JsonNode> events = new ArrayList<>();
      API.get("/v1/usage/events?request_id=" + requestId, tenant.accessToken())
          .expect(200)
          .json()
          .path("data")
          .forEach(events::add);
      if (events.size() >= least) {
        return events;
      }
      try {
        Thread.sleep(25);
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
    throw new AssertionError("no usage event for " + requestId);
  }

  private static BigDecimal cost(JsonNode event) {
    return new BigDecimal(event.at("/cost/amount").asText());
  }

  /** The balance when charges of earlier jobs, and wrong ones of this, have come. */
  private static BigDecimal restingBalance() throws InterruptedException {
    BigDecimal last = balance();
    for (int looks = 0; looks < 20; looks++) {
      Thread.sleep(1_000);
      BigDecimal now = balance();
      if (now.compareTo(last) == 0) {
        return now;
      }
      last = now;
    }
    throw new AssertionError("the balance does not come to rest");
  }

  private static BigDecimal balance() {
    return new BigDecimal(
        API.get("/v1/balance", tenant.accessToken())
            .expect(200)
            .json()
            .at("/balance/amount")
            .asText());
  }
}
