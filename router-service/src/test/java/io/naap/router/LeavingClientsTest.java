package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that leave before the end: what runs on, and what they pay. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class LeavingClientsTest extends RawConversation {
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

    assertThat(billedTo499().units().get(Unit.MILLISECONDS)).isBetween(600L, 10_000L);
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
}
