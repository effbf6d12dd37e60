package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of BYOC containers, looked after by the router: no heartbeat tells of them. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
class ProcessStreamsTest {
  @Inject RedisDataSource redis;
  private String key;

  @BeforeEach
  void aKeyWithMoney() {
    FakeServices.mode = "";
    FakeServices.GATEWAY.clear();
    ByocStreams.RUNNING.clear();
    key = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);
  }

  private static RequestSpecification as(String key) {
    return given().header("x-api-key", key).contentType("application/json");
  }

  private static String header(String capability) {
    String json =
        "{\"id\":\"1\",\"capability\":\"%s\",\"request\":\"{}\",\"parameters\":\"{}\",\"timeout_seconds\":30}"
            .formatted(capability);
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Response start(String key, String body) {
    return as(key).header("Livepeer", header("painter")).body(body).post("/process/stream/start");
  }

  private static String begin(String key) {
    Response answer = start(key, "{\"params\":\"{}\"}");
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    return answer.jsonPath().getString("stream_id");
  }

  private List<UsageRecorded> billed(String key, int count) throws InterruptedException {
    return Recorded.usage(redis, key, count, 6);
  }

  @Test
  void itsAddressesLeadThroughTheRouterAndItsNameIsOurs() {
    Response answer = start(key, "{\"stream_name\":\"mine\",\"stream_id\":\"7\"}");

    JsonPath urls = answer.jsonPath();
    String stream = urls.getString("stream_id");
    assertThat(stream).startsWith("str_");
    String ours = "http://naap.test/process/stream/" + stream;
    assertThat(urls.getString("whip_url")).isEqualTo(ours + "/whip");
    assertThat(urls.getString("stop_url")).isEqualTo(ours + "/stop");
    assertThat(urls.getString("data_url")).isEqualTo(ours + "/data");
    assertThat(urls.getString("whep_url")).isEqualTo(ours + "/whep");
    assertThat(answer.asString()).doesNotContain("media.test", "inside.test", "rtmp");
    assertThat(answer.header("x-naap-stream-id")).isEqualTo(stream);
    assertThat(ByocStreams.RUNNING).containsOnlyKeys(stream + "-1");
  }

  @Test
  void isBilledByTheSecondWhileItsGatewayHasItAndOnceWhenItIsStopped() throws InterruptedException {
    Instant asked = Instant.now();
    String stream = begin(key);
    Instant begun = Instant.now();
    assertThat(billed(key, 2)).hasSizeGreaterThanOrEqualTo(2);

    Instant toStop = Instant.now();
    int stopped = as(key).body("{}").post("/process/stream/" + stream + "/stop").statusCode();
    long atLeast = Duration.between(begun, toStop).toMillis();
    long atMost = Duration.between(asked, Instant.now()).toMillis();

    assertThat(stopped).isEqualTo(200);
    assertThat(ByocStreams.RUNNING).isEmpty();
    Thread.sleep(1_000);
    List<UsageRecorded> all = Recorded.usage(redis, key);
    assertThat(all).allMatch(event -> event.capability().equals("byoc"));
    assertThat(all).allMatch(event -> event.model().equals("painter"));
    assertThat(all.stream().mapToLong(event -> event.units().get(Unit.MILLISECONDS)).sum())
        .isBetween(atLeast - 10, atMost + 10);
    assertThat(all.stream().mapToLong(event -> event.units().get(Unit.REQUESTS)).sum())
        .isEqualTo(1);
    assertThat(all).extracting(UsageRecorded::sequence).doesNotHaveDuplicates();
  }

  @Test
  void isStoppedAtItsGatewayWhenALimitEndsIt() throws InterruptedException {
    String capped =
        FakeServices.newKey(
            1_000_000_000L,
            new KeyLimits(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new Cap("milliseconds", Cap.Window.DAY, 20_000))));
    String stream = begin(capped);

    assertThat(nothingRuns()).isTrue();
    JsonPath status = as(capped).get("/process/stream/" + stream + "/status").jsonPath();
    assertThat(status.getString("state")).isEqualTo("ended");
    assertThat(status.getString("reason.detail")).contains("key-day-milliseconds");
    assertThat(update(capped, stream, "painter").statusCode()).isEqualTo(409);
  }

  @Test
  void endsWhenItsGatewayDoesNotHaveItAnyMore() throws InterruptedException {
    String stream = begin(key);
    billed(key, 1);
    ByocStreams.RUNNING.clear();
    Thread.sleep(1_500);
    int count = Recorded.usage(redis, key).size();

    Thread.sleep(1_500);

    assertThat(Recorded.usage(redis, key)).hasSize(count);
    assertThat(
            as(key)
                .get("/process/stream/" + stream + "/status")
                .jsonPath()
                .getString("reason.code"))
        .isEqualTo("ingest_ended");
  }

  /** A look has 100 at a time, and there are five or six a second. */
  @Test
  void allThatAreDueAreLookedAtHoweverManyTheyAre() throws InterruptedException {
    Map<String, Double> due = new HashMap<>();
    for (int at = 0; at < 4_000; at++) {
      due.put("str_none_" + at, 1.0);
    }
    redis.sortedSet(String.class).zadd("naap:live:watched", due);

    assertThat(Eventually.holds(Duration.ofSeconds(4), () -> left() == 0)).isTrue();
  }

  private long left() {
    return redis.sortedSet(String.class).zrange("naap:live:watched", 0, -1).stream()
        .filter(name -> name.startsWith("str_none_"))
        .count();
  }

  @Test
  void anotherTenantsStreamIsNoStream() {
    String stream = begin(key);
    String other = FakeServices.newKey(1_000_000_000L, KeyLimits.NONE);

    assertThat(as(other).get("/process/stream/" + stream + "/status").statusCode()).isEqualTo(404);
    assertThat(as(other).get("/process/stream/" + stream + "/data").statusCode()).isEqualTo(404);
    assertThat(as(other).body("{}").post("/process/stream/" + stream + "/stop").statusCode())
        .isEqualTo(404);
    assertThat(update(other, stream, "painter").statusCode()).isEqualTo(404);
    assertThat(ByocStreams.RUNNING).hasSize(1);
  }

  private static Response update(String key, String stream, String capability) {
    return as(key)
        .header("Livepeer", header(capability))
        .body("{\"prompt\":\"b\"}")
        .post("/process/stream/" + stream + "/update");
  }

  @Test
  void isChangedUnderTheCapabilityThatItIsBilledFor() {
    String stream = begin(key);

    assertThat(update(key, stream, "painter").statusCode()).isEqualTo(200);
    Response refused = update(key, stream, "dearer");

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.jsonPath().getString("detail")).contains("painter");
    assertThat(FakeServices.GATEWAY)
        .filteredOn(seen -> seen.uri().endsWith("/update"))
        .singleElement()
        .satisfies(seen -> assertThat(seen.body()).isEqualTo("{\"prompt\":\"b\"}"));
  }

  @Test
  void offersOfVideoPassBothWays() {
    String stream = begin(key);

    for (String way : List.of("whip", "whep")) {
      Response answer =
          given()
              .header("x-api-key", key)
              .contentType("application/sdp")
              .body("v=0 offer".getBytes(StandardCharsets.US_ASCII))
              .post("/process/stream/" + stream + "/" + way);

      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(answer.asString()).isEqualTo("v=0 " + way);
      assertThat(answer.header("Location")).isEqualTo("/process/stream/" + stream + "/" + way);
    }
  }

  @Test
  void itsEventsComeAsTheyAreMadeAndEndWithIt() throws Exception {
    String stream = begin(key);
    HttpURLConnection data = listen(stream);
    try (BufferedReader events =
        new BufferedReader(new InputStreamReader(data.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(events.readLine()).isEqualTo("data: {\"n\":1}");
      assertThat(events.readLine()).isEmpty();

      as(key).body("{}").post("/process/stream/" + stream + "/stop");

      assertThat(events.lines().toList()).contains("event: end");
    }
  }

  @Test
  void aStreamHasAFewPlacesForListenersAndTheyComeBack() throws Exception {
    String stream = begin(key);
    List<HttpURLConnection> open = new ArrayList<>();
    for (int at = 0; at < 4; at++) {
      open.add(listen(stream));
      assertThat(open.getLast().getResponseCode()).isEqualTo(200);
    }

    HttpURLConnection refused = listen(stream);
    assertThat(refused.getResponseCode()).isEqualTo(429);

    open.forEach(HttpURLConnection::disconnect);
    assertThat(Eventually.holds(Duration.ofSeconds(5), () -> canListen(stream))).isTrue();
  }

  private boolean canListen(String stream) throws Exception {
    HttpURLConnection again = listen(stream);
    int status = again.getResponseCode();
    again.disconnect();
    return status == 200;
  }

  private HttpURLConnection listen(String stream) throws Exception {
    int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    HttpURLConnection data =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/process/stream/" + stream + "/data")
                .toURL()
                .openConnection();
    data.setRequestProperty("x-api-key", key);
    data.setReadTimeout(5_000);
    return data;
  }

  @Test
  void aStreamItsGatewayDoesNotTakeCostsNothing() throws InterruptedException {
    FakeServices.mode = "empty";

    Response refused = start(key, "{}");

    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(billed(key, 1))
        .singleElement()
        .satisfies(event -> assertThat(event.outcome()).isEqualTo(JobOutcome.FAILED));
    assertThat(Recorded.usage(redis, key).getFirst().estimatedCost().isZero()).isTrue();
  }

  private static boolean nothingRuns() throws InterruptedException {
    return Eventually.holds(Duration.ofSeconds(5), ByocStreams.RUNNING::isEmpty);
  }

  @Test
  void aStreamWhoseClientLeftBeforeItWasToldItsNameIsStopped() throws Exception {
    FakeServices.mode = "start-late";
    int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    HttpURLConnection start =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/process/stream/start")
                .toURL()
                .openConnection();
    start.setRequestProperty("x-api-key", key);
    start.setRequestProperty("Livepeer", header("painter"));
    start.setRequestMethod("POST");
    start.setDoOutput(true);
    start.setReadTimeout(300);
    start.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(start::getResponseCode).isInstanceOf(SocketTimeoutException.class);
    start.disconnect();
    assertThat(Eventually.holds(() -> ByocStreams.RUNNING.size() == 1)).isTrue();

    assertThat(nothingRuns()).isTrue();
    Thread.sleep(500);
    int billed = Recorded.usage(redis, key).size();
    Thread.sleep(1_500);
    assertThat(Recorded.usage(redis, key)).hasSize(billed);
  }

  @Test
  void aStreamWhoseGatewayDidNotSayWhetherItTookItIsStopped() throws InterruptedException {
    FakeServices.mode = "start-drop";

    assertThat(start(key, "{}").statusCode()).isEqualTo(503);

    FakeServices.mode = "";
    assertThat(nothingRuns()).isTrue();
  }

  private static JsonPath startedWith() {
    return JsonPath.from(
        FakeServices.GATEWAY.stream()
            .filter(seen -> seen.uri().equals("/process/stream/start"))
            .findFirst()
            .orElseThrow()
            .body());
  }

  @Test
  void anOutputIsToldToTheGatewayByTheAddressThatWasChecked() {
    Response answer =
        start(key, "{\"rtmp_output\":\"rtmp://93.184.216.34/live/my-key\",\"params\":\"{}\"}");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(startedWith().getString("rtmp_output"))
        .isEqualTo("rtmp://93.184.216.34:1935/live/my-key");
    assertThat(startedWith().getMap("$"))
        .containsOnlyKeys("stream_name", "stream_id", "rtmp_output", "params");
    assertThat(answer.jsonPath().getString("rtmp_output_url"))
        .isEqualTo("rtmp://93.184.216.34/live/my-key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'rtmp_output':'file:/etc/cron.d/x'}",
        "{'rtmp_output':'tcp://169.254.169.254:80'}",
        "{'rtmp_output':'rtmp://169.254.169.254/a/b'}",
        "{'rtmp_output':'rtmp://localhost/a/b'}",
        "{'rtmp_output':'rtmp://127.0.0.1:1935/a/b'}",
        "{'RTMP_OUTPUT':'rtmp://93.184.216.34/a/b'}",
        "{'Rtmp_Output':'file:/x','rtmp_output':'rtmp://93.184.216.34/a/b'}",
        "{'rtmp_output\\u017f':'file:/x'}",
        "{'\\u017ftream_name':'x'}",
        "{'rtmp_output':['file:/x']}",
        "{'rtmp_output':{'url':'file:/x'}}",
        "{'rtmpOutput':'file:/x'}",
        "{'params':{}}"
      })
  void whatAGatewayMustNotOpenIsRefused(String body) {
    Response answer = start(key, body.replace('\'', '"'));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(FakeServices.GATEWAY).noneMatch(seen -> seen.uri().endsWith("/start"));
    assertThat(ByocStreams.RUNNING).isEmpty();
  }

  /** The gateway's webhook is asked with what a customer wrote. */
  @Test
  void aCustomersParametersAreNotAnotherStreamsName() throws InterruptedException {
    String other = begin(key);

    Response auth =
        given()
            .contentType("application/json")
            .body(
                "{\"stream\":\""
                    + begin(key)
                    + "\",\"query_params\":\"{}&streamId="
                    + other
                    + "\"}")
            .post("/hooks/gateways/" + FakeServices.HOOK_SECRET + "/live-auth");

    assertThat(auth.statusCode()).isEqualTo(200);
    assertThat(auth.jsonPath().getString("stream_id")).isNotEqualTo(other);
  }

  @Test
  void aHeaderThatCannotBeReadIsToldWhatToChange() {
    Response none = as(key).body("{}").post("/process/stream/start");
    Response odd = as(key).header("Livepeer", "%%").body("{}").post("/process/stream/start");

    assertThat(none.statusCode()).isEqualTo(422);
    assertThat(none.jsonPath().getString("detail")).contains("Livepeer header");
    assertThat(odd.statusCode()).isEqualTo(422);
    assertThat(start(key, "[]").jsonPath().getString("detail")).contains("JSON object");
    assertThat(ByocStreams.RUNNING).isEmpty();
  }
}
