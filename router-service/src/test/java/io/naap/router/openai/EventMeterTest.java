package io.naap.router.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.workload.TokenCount;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventMeterTest {
  private static final String USAGE =
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  private final EventMeter meter =
      new EventMeter(new ObjectMapper(), true, false, TokenCount.tokens(100, 100));

  private String pass(String text) {
    return meter.pass(Buffer.buffer(text)).toString();
  }

  private static String delta(String delta) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}\n\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ": keep-alive\ndata: %s\n\n",
        "event: message\nid: 1\ndata: %s\n\n",
        "\ufeffdata: %s\n\n",
        "data:%s\r\n\r\n",
        "data: %s\nretry: 5\n\n",
        "\n\ndata: %s\n\n"
      })
  void anEventIsReadHoweverItIsWritten(String event) {
    String out = pass(event.formatted(USAGE));

    assertThat(meter.isFinished()).isTrue();
    assertThat(meter.units().get(Unit.TOKENS_OUT)).isEqualTo(7);
    assertThat(out).contains("é").doesNotContain("usage");
  }

  @Test
  void theGatewaysOwnPathEndsAsTheGatewayEndsIt() {
    EventMeter own = new EventMeter(new ObjectMapper(), false, true, TokenCount.tokens(100, 100));
    own.pass(Buffer.buffer("data: " + USAGE + "\n\n"));
    assertThat(own.end().toString()).isEmpty();

    own.pass(Buffer.buffer("data: [DONE]\n\n"));
    assertThat(own.end().toString()).isEqualTo("data: [DONE]\n\n");
  }

  @Test
  void dataOfTwoLinesIsOneText() {
    pass("data: " + USAGE.replace(",\"usage\"", "\ndata: ,\"usage\"") + "\n\n");

    assertThat(meter.units().get(Unit.TOKENS_OUT)).isEqualTo(7);
  }

  @Test
  void anEventMayBeCutWithinALetter() {
    byte[] bytes = ("data: " + USAGE + "\n\n").getBytes(StandardCharsets.UTF_8);
    Buffer out = Buffer.buffer();
    for (byte one : bytes) {
      out.appendBuffer(meter.pass(Buffer.buffer(new byte[] {one})));
    }

    assertThat(out.toString()).contains("é");
    assertThat(meter.units().get(Unit.TOKENS_OUT)).isEqualTo(7);
  }

  @Test
  void aCommentPasses() {
    assertThat(pass(": keep-alive\n\n")).isEqualTo(": keep-alive\n\n");
  }

  @Test
  void countsEverythingThatAModelSaysWithoutUsage() {
    pass(delta("{\"role\":\"assistant\",\"content\":\"\"}"));
    pass(delta("{\"reasoning_content\":\"hm\"}"));
    pass(delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]}"));
    pass(delta("{\"content\":\"w\"}"));
    pass(delta("{}"));

    assertThat(meter.units().get(Unit.TOKENS_OUT)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{\"prompt_tokens\":-1,\"completion_tokens\":5}",
        "{\"prompt_tokens\":1.5,\"completion_tokens\":5}",
        "{\"prompt_tokens\":1,\"completion_tokens\":99999999999999999999999}",
        "[]"
      })
  void aUsageThatIsNoneIsNotBelieved(String usage) {
    pass(
        "data: {\"choices\":[{\"delta\":{\"content\":\"w\"},\"finish_reason\":\"stop\"}],\"usage\":"
            + usage
            + "}\n\n");

    assertThat(meter.units()).isEqualTo(TokenCount.tokens(100, 1));
  }

  private static String usage(String counts) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},"
        + "\"finish_reason\":null}],\"usage\":"
        + counts
        + "}\n\n";
  }

  private static String counts(long in, long out) {
    return "{\"prompt_tokens\":" + in + ",\"completion_tokens\":" + out + "}";
  }

  @Test
  void aCountThatFallsIsNotBelieved() {
    pass(usage(counts(20, 30)));
    pass(usage(counts(0, 0)));
    pass(usage(counts(5, 31)));
    pass(usage("{\"completion_tokens\":2}"));

    assertThat(meter.units()).isEqualTo(TokenCount.tokens(20, 31));
  }

  @Test
  void aCountOfZeroWithTextIsNoCount() {
    for (int at = 0; at < 12; at++) {
      pass(usage(counts(0, 0)));
    }
    // 60 bytes.
    assertThat(meter.units()).isEqualTo(TokenCount.tokens(100, 20));
    assertThat(meter.tokens().mismatch()).hasValue(TokenCount.Mismatch.MISSING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"gpu 7 of host inside\"}}\n\n",
        "data: {\"error\":\"gpu 7 of host inside\"}\n\n",
        "data: {\"error\":{}}\n\n",
        "data: {\"choices\":[],\"error\":true}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"inside\"},\"finish_reason\":\"stop\"}],\"error\":1}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"error\":{\"message\":\"inside\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"inside\"},\"finish_reason\":\"error\"}]}\n\n",
        "data: {\"object\":\"error\",\"message\":\"inside\"}\n\n",
        "event: error\ndata: inside\n\n",
        "event:error\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"inside\"}}]}\r\n\r\n",
        "data: inside\nevent: ERROR\n\n"
      })
  void anErrorFailsTheStreamWhereverItIsAndIsNotPassedOn(String error) {
    for (String before :
        List.of("", usage(counts(5, 2)), usage(counts(5, 2)).replace("null", "\"stop\""))) {
      for (String after : List.of("", "data: [DONE]\n\n", usage(counts(5, 9)))) {
        for (boolean openAi : List.of(true, false)) {
          EventMeter one =
              new EventMeter(new ObjectMapper(), openAi, true, TokenCount.tokens(100, 100));

          String out = one.pass(Buffer.buffer(before + error + after)).toString();

          assertThat(out).doesNotContain("inside", "error", "DONE");
          assertThat(one.hasFailed()).isTrue();
          assertThat(one.isFinished()).isFalse();
          assertThat(one.units())
              .isEqualTo(before.isEmpty() ? Units.NONE : TokenCount.tokens(5, 2));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "false", "\"\"", "\" \""})
  void anErrorThatSaysThereIsNoneIsNone(String error) {
    String out =
        pass(usage(counts(5, 2)).replace("{\"choices\"", "{\"error\":" + error + ",\"choices\""));

    assertThat(meter.hasFailed()).isFalse();
    assertThat(out).contains("word");
  }

  @Test
  void anErrorBehindTheEndIsAnErrorStill() {
    pass(USAGE_EVENT + "data: [DONE]\n\n" + "data: {\"error\":{\"message\":\"x\"}}\n\n");

    assertThat(meter.hasFailed()).isTrue();
  }

  private static final String USAGE_EVENT = "data: " + USAGE + "\n\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: [DONE]\n\n",
        ": begins\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n",
        "data: {\"detail\":\"no such model\"}\n\ndata: [DONE]\n\n"
      })
  void anEndWithoutAnAnswerIsAFailure(String events) {
    assertThat(pass(events)).doesNotContain("model");
    assertThat(meter.hasFailed()).isTrue();
    assertThat(meter.units()).isEqualTo(Units.NONE);
  }

  @Test
  void anAnswerWithoutTextIsFreeUnlessTheGatewayCountedSomething() {
    String empty =
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"finish_reason\":\"stop\"}]";

    pass(empty + ",\"usage\":" + counts(0, 0) + "}\n\n");
    assertThat(meter.isFinished()).isTrue();
    assertThat(meter.units()).isEqualTo(Units.NONE);

    pass(empty + ",\"usage\":" + counts(8, 0) + "}\n\n");
    assertThat(meter.units()).isEqualTo(TokenCount.tokens(8, 0));
  }

  /** What is not counted is not given away either. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: the whole answer as a text\n\n",
        "data: [\"the whole answer\"]\n\n",
        ": the whole answer\n\n",
        "data: {\"answer\":\"the whole answer\"}\n\n"
      })
  void whatIsNoChunkIsNotPassedOn(String event) {
    EventMeter own = new EventMeter(new ObjectMapper(), false, true, TokenCount.tokens(100, 100));

    assertThat(pass(event)).doesNotContain("answer");
    assertThat(own.pass(Buffer.buffer(event)).toString()).doesNotContain("answer");
  }

  @Test
  void theTextOfAllChoicesCounts() {
    pass(
        "data: {\"choices\":[{\"index\":0,\"delta\":{}},{\"index\":1,\"delta\":{\"content\":\""
            + "x".repeat(30)
            + "\"}}]}\n\n");

    assertThat(meter.units().get(Unit.TOKENS_OUT)).isEqualTo(10);
  }
}
