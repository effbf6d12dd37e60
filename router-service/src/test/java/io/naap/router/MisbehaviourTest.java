package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.testing.Stores;
import io.naap.router.admission.Admission;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.vertx.core.net.NetSocket;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways and clients that stop, stall, lie or leave, byte by byte. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class MisbehaviourTest {
  private static final String CHAT =
      """
      {"model":"meta-llama/llama-3.1-8B-Instruct","stream":true,"max_tokens":50,
       "messages":[{"role":"user","content":"hi"}]}\
      """;

  /** As much of a segment as is looked at before it is passed on. */
  private static final String BEGUN = "x".repeat(70_000);

  private static final int MEGABYTE = 1 << 20;
  private static final long FLOOD = 96L * MEGABYTE;

  /** What two sockets' buffers and two queues may hold, and far less than what is sent. */
  private static final long BOUNDED = 64L * MEGABYTE;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Inject RedisDataSource redis;
  @Inject Admission admission;
  @Inject MeterRegistry registry;
  private String key;

  @BeforeEach
  void aKeyOfTheRawTier() throws InterruptedException {
    // Streams of tests before this one end when they have been silent for a while.
    assertThat(Eventually.holds(() -> admission.openHolds() == 0))
        .as("no holds left by other tests")
        .isTrue();
    key = FakeServices.keyInTier("raw");
  }

  private HttpRequest.Builder asked(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json");
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        asked(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> chat() throws Exception {
    return post("/v1/chat/completions", CHAT);
  }

  private HttpResponse<String> image() throws Exception {
    return post("/text-to-image", "{\"prompt\":\"a\"}");
  }

  private static void chunk(NetSocket socket, String text) {
    socket.write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  private static void begin(NetSocket socket) {
    socket.write(RawGateway.EVENTS + "Transfer-Encoding: chunked\r\n\r\n");
  }

  private void assertUnbilled() throws InterruptedException {
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(event.units().amounts()).isEmpty();
    assertThat(event.estimatedCost().isZero()).isTrue();
    assertThat(admission.openHolds()).isZero();
  }

  private void assertPartial(long tokens) throws InterruptedException {
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(tokens);
    assertThat(admission.openHolds()).isZero();
  }

  // --- deadlines ---

  @Test
  void aGatewayThatNeverAnswersIsGivenUpAndCostsNothing() throws Exception {
    RawGateway.plays(socket -> {});

    long began = System.nanoTime();
    HttpResponse<String> answer = image();

    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.body()).contains("gateway_timeout");
    assertThat(System.nanoTime() - began).isBetween(1_600_000_000L, 12_000_000_000L);
    assertUnbilled();
    assertGatewayLeft(0);
  }

  @Test
  void aStreamThatFallsSilentIsCutAndTheDeliveredBilled() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          chunk(socket, RawGateway.event(2, false));
        });

    HttpResponse<String> answer = chat();

    assertThat(answer.body()).contains("stream_broken").doesNotContain("[DONE]");
    assertPartial(2);
    assertGatewayLeft(0);
  }

  /** The usage that comes after the last word counts, and no word after it is waited for long. */
  @Test
  void aStreamThatHasSaidAllEndsWellThoughItsGatewayDoesNotEndIt() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          chunk(socket, RawGateway.event(2, true));
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setTimer(300, later -> chunk(socket, RawGateway.event(3, true)));
        });
    double before = failures("timeout");
    long began = System.nanoTime();

    HttpResponse<String> answer = chat();

    assertThat(System.nanoTime() - began).isLessThan(1_900_000_000L);
    assertThat(answer.body()).endsWith("data: [DONE]\n\n").doesNotContain("stream_broken");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(3);
    assertThat(failures("timeout")).isEqualTo(before);
    assertGatewayLeft(0);
  }

  @Test
  void aStreamThatHasSaidAllEndsWellThoughItsConnectionDies() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          chunk(socket, RawGateway.event(2, true));
          io.vertx.core.Vertx.currentContext().owner().setTimer(100, later -> socket.close());
        });

    HttpResponse<String> answer = chat();

    assertThat(answer.body()).endsWith("data: [DONE]\n\n").doesNotContain("stream_broken");
    assertThat(Recorded.only(redis, key).outcome()).isEqualTo(JobOutcome.SUCCEEDED);
  }

  @Test
  void aStreamThatNeverEndsIsCutWhenItsTimeIsOver() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          int[] token = {0};
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setPeriodic(200, timer -> chunk(socket, RawGateway.event(++token[0], false)));
        });

    long began = System.nanoTime();
    HttpResponse<String> answer = chat();

    assertThat(System.nanoTime() - began).isBetween(4_000_000_000L, 14_000_000_000L);
    assertThat(answer.body()).contains("stream_broken");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isBetween(3L, 50L);
  }

  // --- answers that are not what they say ---

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK~Content-Type: application/json~Content-Length:"
            + " 99999999999~~{\"images\"|503",
        "HTTP/1.1 200 OK~Content-Type: application/json~Content-Length: 20~~{\"images\":[{\"ur|503",
        "HTTP/1.1 200 OK~Content-Type: application/json~Content-Length: 4~~{\"a\"|502",
        "HTTP/1.1 200 OK~Content-Type: application/json~Content-Length: 0~~|502",
        "HTTP/1.1 200 OK~Content-Length: -5~~|503",
        "HTTP/1.1 99999 What~~|502",
        "SSH-2.0-OpenSSH_9.2~|503",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~zz~|503",
        "HTTP/1.1 302 Found~Location: http://127.0.0.1:1/~Content-Length: 0~~|502"
      })
  void anAnswerThatIsNoneFailsAndCostsNothing(String bytes, int status) throws Exception {
    RawGateway.plays(
        socket -> socket.write(bytes.replace("~", "\r\n")).onComplete(sent -> socket.close()));

    HttpResponse<String> answer = image();

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertUnbilled();
  }

  @Test
  void aRefusalLargerThanAnyIsNotKept() throws Exception {
    RawGateway.plays(
        socket -> {
          socket.write("HTTP/1.1 500 No\r\nContent-Length: 500000000\r\n\r\n");
          RawGateway.flood(socket, FLOOD);
        });

    HttpResponse<String> answer = image();

    assertThat(answer.statusCode()).isEqualTo(502);
    assertUnbilled();
    assertGatewayLeft(0);
    assertThat(RawGateway.last().written.get()).isLessThan(BOUNDED);
  }

  @Test
  void aMediaFileThatBreaksOffDoesNotLookWhole() throws Exception {
    RawGateway.plays(
        socket ->
            socket
                .write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                .onComplete(sent -> socket.close()));

    assertThatThrownBy(
            () ->
                client.send(
                    HttpRequest.newBuilder(
                            URI.create(
                                "http://localhost:"
                                    + RestAssured.port
                                    + "/stream/g-raw-1/abc/1.png"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aContainersRefusalIsToldAndNotHeldAgainstTheGateway() throws Exception {
    RawGateway.plays(
        socket -> socket.write("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nnot yours"));
    double before = failures("status");

    try (Socket socket = send("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}")) {
      assertThat(read(socket, "not yours")).contains("HTTP/1.1 502", "not yours");
    }

    assertThat(failures("status")).isEqualTo(before);
    assertUnbilled();
  }

  @Test
  void aGatewayThatBreaksItsStreamsIsBlamedForIt() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          socket.write("0\r\n\r\n");
        });
    double before = failures("connection");

    assertThat(chat().body()).contains("stream_broken");

    assertThat(failures("connection")).isEqualTo(before + 1);
  }

  @Test
  void anAnswerLargerThanAnyIsNotKept() throws Exception {
    RawGateway.plays(
        socket -> {
          socket.write(
              "HTTP/1.1 200 OK\r\n"
                  + "Content-Type: application/json\r\n"
                  + "Content-Length: 500000000\r\n\r\n");
          RawGateway.flood(socket, FLOOD);
        });

    HttpResponse<String> answer = image();

    assertThat(answer.statusCode()).isEqualTo(502);
    assertUnbilled();
    assertGatewayLeft(0);
    assertThat(RawGateway.last().written.get()).isLessThan(BOUNDED);
  }

  /** Their client chose how large they are; to be made again and again for nothing is no way. */
  @Test
  void masksTooLargeForAnAnswerAreBilled() throws Exception {
    RawGateway.plays(
        socket -> {
          socket.write(
              "HTTP/1.1 200 OK\r\n"
                  + "Content-Type: application/json\r\n"
                  + "Content-Length: 500000000\r\n\r\n");
          RawGateway.flood(socket, FLOOD);
        });

    Response answer =
        RestAssured.given()
            .header("x-api-key", key)
            .multiPart("image", "a.png", Samples.png(320, 200), "image/png")
            .post("/segment-anything-2");

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.<String>path("code")).isEqualTo("answer_too_large");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.PIXELS)).isEqualTo(64_000);
    assertGatewayLeft(0);
  }

  @Test
  void aStreamWithoutUsageIsBilledByItsChunks() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          for (int token = 1; token <= 3; token++) {
            chunk(socket, RawGateway.event(token, token == 3).replace("\"usage\"", "\"used\""));
          }
          socket.write("0\r\n\r\n");
        });

    assertThat(chat().body()).endsWith("data: [DONE]\n\n");

    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(3);
  }

  @Test
  void aStreamThatClaimsMoreTokensThanItMayHaveMadeIsBilledWhatItMay() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(999_999_999, true).replace(":5,", ":888888888,"));
          socket.write("0\r\n\r\n");
        });

    chat();

    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(50);
    assertThat(event.units().get(Unit.TOKENS_IN)).isLessThan(1_500);
  }

  @Test
  void aGatewaysErrorAfterSomeTokensEndsTheStreamWithAnError() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          chunk(socket, "data: {\"error\":{\"message\":\"out of memory\"}}\n\n");
          socket.write("0\r\n\r\n");
        });

    HttpResponse<String> answer = chat();

    assertThat(answer.body()).contains("stream_broken").doesNotContain("[DONE]");
    assertPartial(1);
  }

  private static String uncounted(int token, boolean last) {
    return RawGateway.event(token, last).replaceAll("_tokens\":[0-9]+", "_tokens\":0");
  }

  private double mismatches(String kind) {
    Counter counter =
        registry
            .find("router_gateway_token_mismatches_total")
            .tags("gateway", "raw-1", "kind", kind)
            .counter();
    return counter == null ? 0 : counter.count();
  }

  @Test
  void aStreamWhoseUsageIsZeroIsBilledByItsText() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          for (int token = 1; token <= 4; token++) {
            chunk(socket, uncounted(token, token == 4));
          }
          socket.write("0\r\n\r\n");
        });
    double before = mismatches("missing");

    chat();

    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(4);
    assertThat(event.units().get(Unit.TOKENS_IN)).isPositive();
    assertThat(event.estimatedCost().isZero()).isFalse();
    assertThat(mismatches("missing")).isEqualTo(before + 1);
  }

  @Test
  void aStreamWhoseLastUsageIsZeroIsBilledByTheOneBefore() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(7, false));
          chunk(socket, uncounted(0, true));
          socket.write("0\r\n\r\n");
        });

    chat();

    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(7);
    assertThat(event.units().get(Unit.TOKENS_IN)).isEqualTo(5);
  }

  @Test
  void anAnswerWhoseUsageIsZeroIsBilledByItsText() throws Exception {
    String answer =
        "{\"choices\":[{\"message\":{\"content\":\"thirty bytes of an answer here\"},"
            + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":0,"
            + "\"completion_tokens\":0,\"total_tokens\":0}}";
    RawGateway.plays(
        socket ->
            socket.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + answer.length()
                    + "\r\n\r\n"
                    + answer));

    assertThat(post("/llm", CHAT.replace("true", "false")).statusCode()).isEqualTo(200);

    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"gpu of host-7\"}}\n\ndata: [DONE]\n\n",
        "event: error\ndata: {\"message\":\"gpu of host-7\"}\n\ndata: [DONE]\n\n",
        "data: [DONE]\n\n"
      })
  void aStreamThatFailsBeforeItsFirstWordCostsNothingAndEjectsNobody(String events)
      throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, events);
          socket.write("0\r\n\r\n");
        });

    for (String path : List.of("/v1/chat/completions", "/llm")) {
      String answer =
          post(path, CHAT.replace("50", "50,\"stream_options\":{\"include_usage\":true}")).body();
      assertThat(answer)
          .startsWith("data: {\"error\":")
          .contains("stream_broken", "nothing is billed")
          .doesNotContain("host-7", "[DONE]", "usage");
    }

    List<UsageRecorded> recorded = Recorded.usage(redis, key, 2);
    assertThat(recorded).hasSize(2);
    assertThat(recorded).allMatch(event -> event.outcome() == JobOutcome.FAILED);
    assertThat(recorded).allMatch(event -> event.units().equals(Units.NONE));
  }

  @Test
  void anErrorAfterTheLastWordEndsTheStreamWithOurErrorAndTheDeliveredIsBilled() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(
              socket,
              RawGateway.event(1, false)
                  + RawGateway.event(2, true)
                  + "data: {\"error\":{\"message\":\"host-7\"}}\n\ndata: [DONE]\n\n");
          socket.write("0\r\n\r\n");
        });

    assertThat(chat().body()).contains("stream_broken").doesNotContain("host-7", "[DONE]");
    assertPartial(2);
  }

  @Test
  void anEventThatDoesNotEndIsNotKept() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          for (int at = 0; at < 40; at++) {
            chunk(socket, "data: " + "x".repeat(60_000));
          }
        });

    assertThat(chat().statusCode()).isEqualTo(503);

    assertUnbilled();
    assertGatewayLeft(0);
  }

  @Test
  void eventsCutAnywhereAndWithOtherLineEndsAreUnderstood() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          String all =
              (RawGateway.event(1, false) + RawGateway.event(2, true)).replace("\n", "\r\n");
          for (int at = 0; at < all.length(); at += 7) {
            chunk(socket, all.substring(at, Math.min(all.length(), at + 7)));
          }
          socket.write("0\r\n\r\n");
        });

    assertThat(chat().body()).endsWith("data: [DONE]\n\n");

    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(2);
  }

  // --- clients that leave ---

  @Test
  void aClientThatLeavesAStreamStopsTheGateway() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          int[] token = {0};
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setPeriodic(50, timer -> chunk(socket, RawGateway.event(++token[0], false)));
        });
    HttpResponse<InputStream> stream =
        client.send(
            asked("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(CHAT)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(stream.body().readNBytes(200)).hasSize(200);

    long left = System.nanoTime();
    stream.body().close();

    assertGatewayLeft(left);
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.status()).isEqualTo(499);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isBetween(1L, 40L);
    assertThat(admission.openHolds()).isZero();
  }

  private static final String IMAGES = "{\"images\":[{\"url\":\"/stream/a/1.png\",\"seed\":1}]}";

  private static void later(long millis, NetSocket socket, String answer) {
    io.vertx.core.Vertx.currentContext()
        .owner()
        .setTimer(
            millis,
            now ->
                socket.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                        + answer.length()
                        + "\r\n\r\n"
                        + answer));
  }

  /** Sends a request, waits until the gateway has all of it, and leaves. */
  private void leave(String line, String headers, String body) throws Exception {
    Socket socket = send(line, headers, body);
    awaitConnection();
    socket.close();
  }

  private UsageRecorded billedTo499() throws InterruptedException {
    List<UsageRecorded> recorded = Recorded.usage(redis, key, 1, 10);
    assertThat(recorded).hasSize(1);
    assertThat(recorded.getFirst().status()).isEqualTo(499);
    assertThat(admission.openHolds()).isZero();
    return recorded.getFirst();
  }

  @Test
  void anImageWhoseClientLeftIsBilledWhenItIsMade() throws Exception {
    RawGateway.plays(socket -> later(700, socket, IMAGES));

    leave("POST /text-to-image", "", "{\"prompt\":\"a\",\"num_images_per_prompt\":3}");

    UsageRecorded event = billedTo499();
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    // One of three was made.
    assertThat(event.units().get(Unit.GENERATIONS)).isEqualTo(1);
    assertThat(event.estimatedCost().isZero()).isFalse();
  }

  @Test
  void aTextWhoseClientLeftIsBilledByWhatWasSaid() throws Exception {
    RawGateway.plays(
        socket ->
            later(
                700,
                socket,
                "{\"choices\":[{\"message\":{\"content\":\"hi\"}}],"
                    + "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":9}}"));

    leave("POST /llm", "", CHAT.replace("true", "false"));

    assertThat(billedTo499().units().get(Unit.TOKENS_OUT)).isEqualTo(9);
  }

  @Test
  void aSegmentWhoseClientLeftIsBilledWhenItIsTranscoded() throws Exception {
    RawGateway.plays(socket -> later(700, socket, "renditions"));

    leave("POST /live/cam/0.ts", "Content-Duration: 2000\r\n", "segment");

    assertThat(billedTo499().units().get(Unit.MILLISECONDS)).isEqualTo(2_000);
  }

  @Test
  void aContainersJobWhoseClientLeftIsBilledByItsTime() throws Exception {
    RawGateway.plays(socket -> later(700, socket, "done"));

    leave("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}");

    assertThat(billedTo499().units().get(Unit.MILLISECONDS)).isBetween(600L, 3_000L);
  }

  @Test
  void aJobWhoseClientLeftAndWhoseGatewayFailedIsFree() throws Exception {
    RawGateway.plays(
        socket ->
            io.vertx.core.Vertx.currentContext().owner().setTimer(500, late -> socket.close()));

    leave("POST /text-to-image", "", "{\"prompt\":\"a\"}");

    UsageRecorded event = billedTo499();
    assertThat(event.outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(event.estimatedCost().isZero()).isTrue();
  }

  @Test
  void aJobWhoseClientLeftAndWhoseEndIsNotSeenIsBilledByItsHold() throws Exception {
    RawGateway.plays(socket -> {});

    leave("POST /text-to-image", "", "{\"prompt\":\"a\",\"num_images_per_prompt\":3}");

    UsageRecorded event = billedTo499();
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.GENERATIONS)).isEqualTo(3);
    assertGatewayLeft(0);
  }

  @Test
  void aJobWhoseGatewayDoesNotHaveAllOfItIsFreeWhenItsClientLeaves() throws Exception {
    RawGateway.plays(socket -> {});
    Socket socket =
        send("POST /live/cam/0.ts", "Content-Duration: 2000\r\n", BEGUN, BEGUN.length() + 1);
    awaitUpstream();
    long left = System.nanoTime();
    socket.close();

    UsageRecorded event = billedTo499();
    assertThat(event.estimatedCost().isZero()).isTrue();
    assertGatewayLeft(left);
  }

  private static void awaitUpstream() throws InterruptedException {
    assertThat(Eventually.holds(() -> !RawGateway.CONNECTIONS.isEmpty())).isTrue();
  }

  @Test
  void aStreamWhoseClientLeftBeforeItsFirstWordIsStoppedAndItsPromptIsPaid() throws Exception {
    RawGateway.plays(socket -> {});
    Socket socket = send("POST /v1/chat/completions", "", CHAT);
    awaitConnection();
    long left = System.nanoTime();
    socket.close();

    UsageRecorded event = billedTo499();
    assertThat(event.units().get(Unit.TOKENS_IN)).isPositive();
    assertThat(event.units().get(Unit.TOKENS_OUT)).isZero();
    assertGatewayLeft(left);
  }

  /** A key with a cent cannot have more made than it pays. */
  @Test
  void jobsWhoseClientsLeaveUseUpTheMoney() throws Exception {
    RawGateway.plays(socket -> later(200, socket, IMAGES));
    key =
        FakeServices.newKey(
            "ten_" + Long.toString(System.nanoTime(), 36),
            10_000_000L,
            io.naap.contracts.keys.KeyLimits.NONE,
            List.of(),
            java.util.Optional.of("raw"),
            List.of(),
            java.util.Optional.empty());

    for (int job = 0; job < 12; job++) {
      RawGateway.CONNECTIONS.clear();
      Socket socket = send("POST /text-to-image", "", "{\"prompt\":\"a\"}");
      var unused =
          Eventually.holds(
              Duration.ofMillis(500),
              () -> !RawGateway.CONNECTIONS.isEmpty() || socket.getInputStream().available() > 0);
      socket.close();
    }

    Thread.sleep(600);
    List<UsageRecorded> all = Recorded.usage(redis, key);
    // 0.00262144 each: three of them, and no fourth.
    assertThat(all).hasSize(3);
    assertThat(all).allMatch(event -> event.units().get(Unit.PIXELS) == 262_144);
  }

  @Test
  void aByocClientThatLeavesPaysForTheTime() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, "data: 1\n\n");
        });
    try (Socket socket = send("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}")) {
      assertThat(read(socket, "data: 1")).contains("200 OK");
      Thread.sleep(300);
    }

    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.MILLISECONDS)).isBetween(250L, 10_000L);
  }

  /** Today's gateways go on to the next orchestrator, and send its answer behind the first. */
  @Test
  void aContainersStreamEndsAtItsFirstEnd() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, "data: {\"a\":\"[DONE]\"}\n\nda");
          chunk(socket, "ta: [DO");
          chunk(socket, "NE]\r\n\r\ndata: again\n\n");
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setTimer(400, later -> chunk(socket, "data: again\n\ndata: [DONE]\n\n"));
        });
    String answer;
    try (Socket socket = send("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}")) {
      answer = read(socket, "0\r\n\r\n");
    }

    assertThat(answer).contains("{\"a\":\"[DONE]\"}").doesNotContain("again").contains("NE]");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
    assertThat(event.units().get(Unit.MILLISECONDS)).isLessThan(400);
    assertGatewayLeft(0);
  }

  // --- back-pressure ---

  @Test
  void aClientThatDoesNotReadStopsTheGatewayFromSending() throws Exception {
    RawGateway.plays(
        socket -> {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: " + FLOOD + "\r\n\r\n");
          RawGateway.flood(socket, FLOOD);
        });
    try (Socket socket = send("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}")) {
      awaitConnection();
      Thread.sleep(600);
      assertThat(RawGateway.last().written.get()).isLessThan(BOUNDED);

      long read = 0;
      byte[] piece = new byte[MEGABYTE];
      while (read < FLOOD) {
        int count = socket.getInputStream().read(piece);
        assertThat(count).isPositive();
        read += count;
      }
    }
    assertThat(Recorded.only(redis, key).outcome()).isEqualTo(JobOutcome.SUCCEEDED);
  }

  @Test
  void aClientThatStopsReadingPaysLikeOneThatLeaves() throws Exception {
    RawGateway.plays(
        socket -> {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: " + FLOOD + "\r\n\r\n");
          RawGateway.flood(socket, FLOOD);
        });
    try (Socket socket =
        send(
            "POST /live/cam/0.ts",
            "Content-Duration: 2000\r\nAccept: multipart/mixed\r\n",
            "segment")) {
      assertThat(read(socket, "200 OK")).contains("200 OK");

      UsageRecorded event = Recorded.usage(redis, key, 1, 10).getFirst();

      assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
      assertThat(event.units().get(Unit.MILLISECONDS)).isEqualTo(2_000);
    }
  }

  @Test
  void aGatewayThatDoesNotReadStopsTheClientFromSending() throws Exception {
    RawGateway.doesNotRead(
        socket -> socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
                  "POST /live/cam/0.ts",
                  "Content-Duration: 2000\r\nAccept: multipart/mixed\r\n",
                  FLOOD)
              .getBytes(StandardCharsets.US_ASCII));
      long[] sent = {0};
      Thread writer = Thread.ofVirtual().start(() -> write(out, sent));
      Thread.sleep(600);
      assertThat(sent[0]).isLessThan(BOUNDED);

      RawGateway.reads();
      writer.join();
      assertThat(sent[0]).isEqualTo(FLOOD);
      assertThat(read(socket, "ok")).contains("200 OK");
    }
    assertThat(RawGateway.last().received.get()).isGreaterThan(FLOOD);
    assertThat(Recorded.only(redis, key).units().get(Unit.MILLISECONDS)).isEqualTo(300_000);
  }

  @Test
  void anAnswerThatComesBeforeTheUploadEndsEndsBoth() throws Exception {
    RawGateway.answersEarly(
        socket -> socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    try (Socket socket = send("POST /live/cam/0.ts", "Content-Duration: 2000\r\n", BEGUN, FLOOD)) {
      String answer = read(socket, "\r\nok");

      assertThat(answer.toLowerCase(Locale.ROOT)).contains("200 ok", "connection: close");
    }
    assertThat(Recorded.only(redis, key).units().get(Unit.MILLISECONDS)).isEqualTo(5_600);
    assertGatewayLeft(0);
  }

  @Test
  void aClientThatStopsSendingIsToldSoAndTheGatewayIsNotBlamed() throws Exception {
    RawGateway.plays(socket -> {});
    double before = failures("timeout");

    try (Socket socket = send("POST /live/cam/0.ts", "Content-Duration: 2000\r\n", BEGUN, FLOOD)) {
      assertThat(read(socket, "client_timeout")).contains("408");
    }

    assertThat(failures("timeout")).isEqualTo(before);
    assertUnbilled();
  }

  private double failures(String reason) {
    Counter counter =
        registry
            .find("router_gateway_failures_total")
            .tags("gateway", "raw-1", "reason", reason)
            .counter();
    return counter == null ? 0 : counter.count();
  }

  @Test
  void anUploadThatTheGatewayNeverReadsIsGivenUpAndItsClientToldToStop() throws Exception {
    RawGateway.doesNotRead(socket -> {});
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout(8_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          head("POST /live/cam/0.ts", "Content-Duration: 2000\r\n", FLOOD)
              .getBytes(StandardCharsets.US_ASCII));
      long[] sent = {0};
      Thread writer = Thread.ofVirtual().start(() -> write(out, sent));

      assertThat(read(socket, "_timeout")).contains("504 ").contains("onnection: close");
      writer.join(5_000);
      assertThat(writer.isAlive()).isFalse();
    }
    assertUnbilled();
  }

  private static void write(OutputStream out, long[] sent) {
    try {
      byte[] piece = new byte[MEGABYTE];
      while (sent[0] < FLOOD) {
        out.write(piece);
        sent[0] += piece.length;
      }
    } catch (IOException broken) {
      // The router has ended the connection.
    }
  }

  // --- headers ---

  @Test
  void noHeaderGoesThroughThatIsNotMeantTo() throws Exception {
    RawGateway.plays(
        socket ->
            socket.write(
                """
                HTTP/1.1 200 OK
                Content-Type: text/plain
                Content-Length: 2
                Connection: keep-alive, x-secret
                X-Secret: 1
                Keep-Alive: timeout=5
                Set-Cookie: a=b
                Server: go
                Livepeer-Balance: 7
                X-Orchestrator-Url: https://o
                x-naap-cost: 0 USD
                x-request-id: theirs
                RateLimit: "x";r=9

                ok\
                """
                    .replace("\n", "\r\n")));
    String forged =
        """
        Livepeer: %s
        Signer-Auth-Id: x
        Livepeer-Payment: y
        Livepeer-Segment: z
        Cookie: a=b
        Proxy-Authorization: p
        TE: trailers
        X-Hop: 1
        Trailer: t
        X-Forwarded-For: 9.9.9.9
        X-Tenant: ten_other
        x-naap-tenant: ten_other
        x-request-id: req_01kaq3v7g8e2nb0p4m6r9t1x5z
        Forwarded: for=9.9.9.9
        """
            .formatted(byoc())
            .replace("\n", "\r\n");

    String answer;
    try (Socket socket = send("POST /process/request/x", forged, "{}")) {
      answer = read(socket, "\r\nok").toLowerCase(Locale.ROOT);
    }

    String sent = RawGateway.last().head.toLowerCase(Locale.ROOT);
    assertThat(sent).contains("livepeer: ", "content-type: application/json", "x-request-id: req_");
    assertThat(sent)
        .doesNotContain(
            "signer-",
            "livepeer-",
            "cookie",
            "authorization",
            "te:",
            "x-hop",
            "trailer:",
            "forwarded",
            "tenant",
            "req_01kaq3v7g8e2nb0p4m6r9t1x5z",
            "naap_");
    assertThat(answer).contains("x-naap-route: pool=raw", "x-request-id: req_");
    assertThat(answer)
        .doesNotContain(
            "x-secret",
            "keep-alive",
            "set-cookie",
            "server: go",
            "livepeer-",
            "orchestrator",
            "0 usd",
            "theirs",
            "\"x\";r=9");
  }

  // --- Redis ---

  @Test
  void jobsThatRunEndAndAreRecordedWhileRedisIsAway() throws Exception {
    RawGateway.plays(
        socket -> {
          begin(socket);
          chunk(socket, RawGateway.event(1, false));
          io.vertx.core.Vertx.currentContext()
              .owner()
              .setTimer(
                  900,
                  later -> {
                    chunk(socket, RawGateway.event(2, true));
                    socket.write("0\r\n\r\n");
                  });
        });
    HttpResponse<InputStream> stream =
        client.send(
            asked("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(CHAT)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    redis.execute("CLIENT", "PAUSE", "2500", "ALL");

    String answer = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(answer).endsWith("data: [DONE]\n\n");
    assertThat(Recorded.only(redis, key).units().get(Unit.TOKENS_OUT)).isEqualTo(2);
  }

  // --- bytes ---

  private String head(String line, String headers, long length) {
    return line
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + key
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n"
        + headers
        + "\r\n";
  }

  private Socket send(String line, String headers, String body) throws IOException {
    return send(line, headers, body, body.length());
  }

  private Socket send(String line, String headers, String body, long length) throws IOException {
    Socket socket = new Socket();
    // Little is taken that is not read.
    socket.setReceiveBufferSize(64 * 1024);
    socket.connect(new java.net.InetSocketAddress("localhost", RestAssured.port));
    socket.setSoTimeout(10_000);
    socket
        .getOutputStream()
        .write((head(line, headers, length) + body).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String read(Socket socket, String until) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] piece = new byte[4096];
    while (text.indexOf(until) < 0) {
      int count = socket.getInputStream().read(piece);
      if (count < 0) {
        break;
      }
      text.append(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  private static String byoc() {
    return Base64.getEncoder()
        .encodeToString(
            "{\"id\":\"1\",\"capability\":\"x\",\"request\":\"{}\",\"parameters\":\"{}\",\"timeout_seconds\":30}"
                .getBytes(StandardCharsets.US_ASCII));
  }

  private static void awaitConnection() throws InterruptedException {
    awaitUpstream();
    Thread.sleep(100);
  }

  /** The router has closed its connection to the gateway soon after a moment. */
  private static void assertGatewayLeft(long sinceNanos) throws InterruptedException {
    RawGateway.Connection connection = RawGateway.last();
    assertThat(Eventually.holds(() -> connection.closedNanos != 0)).isTrue();
    if (sinceNanos != 0) {
      assertThat(connection.closedNanos - sinceNanos).isLessThan(3_000_000_000L);
    }
  }
}
