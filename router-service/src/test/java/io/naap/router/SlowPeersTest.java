package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients and gateways that do not read or do not send. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class SlowPeersTest extends RawConversation {
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
              .setTimer(3_000, later -> chunk(socket, "data: again\n\ndata: [DONE]\n\n"));
        });
    String answer;
    try (Socket socket = send("POST /process/request/x", "Livepeer: " + byoc() + "\r\n", "{}")) {
      answer = read(socket, "0\r\n\r\n");
    }

    assertThat(answer).contains("{\"a\":\"[DONE]\"}").doesNotContain("again").contains("NE]");
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.outcome()).isEqualTo(JobOutcome.SUCCEEDED);
    assertThat(event.units().get(Unit.MILLISECONDS)).isLessThan(3_000);
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

      InputStream answer = socket.getInputStream();
      for (int end = 0; end < 4; ) {
        int next = answer.read();
        end = next == "\r\n\r\n".charAt(end) ? end + 1 : next == '\r' ? 1 : 0;
      }
      long read = 0;
      byte[] piece = new byte[MEGABYTE];
      while (read < FLOOD) {
        int count = answer.read(piece);
        assertThat(count).isPositive();
        read += count;
      }
    }
    assertThat(Recorded.only(redis, key).outcome()).isEqualTo(JobOutcome.SUCCEEDED);
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
}
