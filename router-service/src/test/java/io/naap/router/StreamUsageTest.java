package io.naap.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stream is billed by when its usage is missing, zero, too large or cut. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class StreamUsageTest extends RawConversation {
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
}
