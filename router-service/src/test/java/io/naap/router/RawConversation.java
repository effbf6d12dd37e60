package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.router.admission.Admission;
import io.quarkus.redis.datasource.RedisDataSource;
import io.restassured.RestAssured;
import io.vertx.core.net.NetSocket;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;

/** A client and a gateway that speak over bare sockets, byte by byte. */
abstract class RawConversation {
  static final String CHAT =
      """
      {"model":"meta-llama/llama-3.1-8B-Instruct","stream":true,"max_tokens":50,
       "messages":[{"role":"user","content":"hi"}]}\
      """;

  /** As much of a segment as is looked at before it is passed on. */
  static final String BEGUN = "x".repeat(70_000);

  static final int MEGABYTE = 1 << 20;
  static final long FLOOD = 96L * MEGABYTE;

  /** What two sockets' buffers and two queues may hold, and far less than what is sent. */
  static final long BOUNDED = 64L * MEGABYTE;

  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Inject RedisDataSource redis;
  @Inject Admission admission;
  @Inject MeterRegistry registry;
  String key;

  @BeforeEach
  void aKeyOfTheRawTier() throws InterruptedException {
    // Streams of tests before this one end when they have been silent for a while.
    assertThat(Eventually.holds(() -> admission.openHolds() == 0))
        .as("no holds left by other tests")
        .isTrue();
    key = FakeServices.keyInTier("raw");
  }

  HttpRequest.Builder asked(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json");
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        asked(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> chat() throws Exception {
    return post("/v1/chat/completions", CHAT);
  }

  static void chunk(NetSocket socket, String text) {
    socket.write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  static void begin(NetSocket socket) {
    socket.write(RawGateway.EVENTS + "Transfer-Encoding: chunked\r\n\r\n");
  }

  void assertUnbilled() throws InterruptedException {
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.FAILED);
    assertThat(event.units().amounts()).isEmpty();
    assertThat(event.estimatedCost().isZero()).isTrue();
    assertThat(admission.openHolds()).isZero();
  }

  void assertPartial(long tokens) throws InterruptedException {
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.PARTIAL);
    assertThat(event.units().get(Unit.TOKENS_OUT)).isEqualTo(tokens);
    assertThat(admission.openHolds()).isZero();
  }

  static void later(long millis, NetSocket socket, String answer) {
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

  static void awaitUpstream() throws InterruptedException {
    assertThat(Eventually.holds(() -> !RawGateway.CONNECTIONS.isEmpty())).isTrue();
  }

  double failures(String reason) {
    Counter counter =
        registry
            .find("router_gateway_failures_total")
            .tags("gateway", "raw-1", "reason", reason)
            .counter();
    return counter == null ? 0 : counter.count();
  }

  static void write(OutputStream out, long[] sent) {
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

  // --- bytes ---

  String head(String line, String headers, long length) {
    return line
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + key
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n"
        + headers
        + "\r\n";
  }

  Socket send(String line, String headers, String body) throws IOException {
    return send(line, headers, body, body.length());
  }

  Socket send(String line, String headers, String body, long length) throws IOException {
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

  static String read(Socket socket, String until) throws IOException {
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

  static String byoc() {
    return Base64.getEncoder()
        .encodeToString(
            "{\"id\":\"1\",\"capability\":\"x\",\"request\":\"{}\",\"parameters\":\"{}\",\"timeout_seconds\":30}"
                .getBytes(StandardCharsets.US_ASCII));
  }

  static void awaitConnection() throws InterruptedException {
    awaitUpstream();
    Thread.sleep(100);
  }

  /** The router has closed its connection to the gateway soon after a moment. */
  static void assertGatewayLeft(long sinceNanos) throws InterruptedException {
    RawGateway.Connection connection = RawGateway.last();
    assertThat(Eventually.holds(() -> connection.closedNanos != 0)).isTrue();
    if (sinceNanos != 0) {
      assertThat(connection.closedNanos - sinceNanos).isLessThan(3_000_000_000L);
    }
  }
}
