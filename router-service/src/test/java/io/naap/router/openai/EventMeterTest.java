package io.naap.router.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.metering.Unit;
import io.naap.router.workload.Workloads;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventMeterTest {
  private static final String USAGE =
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  private final EventMeter meter =
      new EventMeter(new ObjectMapper(), true, false, Workloads.tokens(100, 100));

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
    EventMeter own = new EventMeter(new ObjectMapper(), false, true, Workloads.tokens(100, 100));
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

    assertThat(meter.units()).isEqualTo(Workloads.tokens(100, 1));
  }
}
