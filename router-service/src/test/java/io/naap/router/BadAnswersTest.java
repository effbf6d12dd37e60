package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gateways that do not answer, break off, or answer what is none. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class BadAnswersTest extends RawConversation {
  private static final String HUGE_JSON =
      """
      HTTP/1.1 200 OK\r
      Content-Type: application/json\r
      Content-Length: 500000000\r
      \r
      """;

  private HttpResponse<String> image() throws Exception {
    return post("/text-to-image", "{\"prompt\":\"a\"}");
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
          socket.write(HUGE_JSON);
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
          socket.write(HUGE_JSON);
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
}
