package io.naap.router.workload;

import static io.naap.router.workload.Workloads.JSON;
import static io.naap.router.workload.Workloads.NOTHING;
import static io.naap.router.workload.Workloads.answer;
import static io.naap.router.workload.Workloads.job;
import static io.naap.router.workload.Workloads.parse;
import static io.naap.router.workload.Workloads.refusal;
import static io.naap.router.workload.Workloads.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.router.endpoint.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelTest {
  private static final String HELLO = "{'messages':[{'role':'user','content':'hi'}]";
  private static final LanguageModel NATIVE = new LanguageModel(JSON, 1_024, Endpoint.LLM, false);
  private static final LanguageModel OPEN_AI =
      new LanguageModel(JSON, 1_024, Endpoint.CHAT_COMPLETIONS, true);

  @Test
  void leavesOutputTokensOpenWhenTheRequestDoesNotLimitThem() {
    Job open = job(NATIVE, HELLO + "}");
    Job limited = job(NATIVE, HELLO + ",'max_tokens':7}");

    assertThat(open.estimate().open()).contains(Unit.TOKENS_OUT);
    assertThat(open.estimate().most().get(Unit.TOKENS_OUT)).isEqualTo(1_024);
    assertThat(sent(open).get("max_tokens").asInt()).isEqualTo(1_024);
    assertThat(limited.estimate().open()).isEmpty();
    assertThat(limited.estimate().most().get(Unit.TOKENS_OUT)).isEqualTo(7);
  }

  @Test
  void countsATokenForThreeBytesOfTheWholeBodyAndSixteenMore() {
    String body = HELLO + "}";

    assertThat(job(NATIVE, body).estimate().most().get(Unit.TOKENS_IN))
        .isEqualTo(Math.ceilDiv(body.length(), 3) + 16);
  }

  @Test
  void asksForTheUsageOfAStreamAndHidesItFromWhoDidNotAsk() {
    ParsedRequest hidden = parse(OPEN_AI, HELLO + ",'stream':true}");
    ParsedRequest shown =
        parse(OPEN_AI, HELLO + ",'stream':true,'stream_options':{'include_usage':true}}");
    Job job = hidden.job().apply("m");

    assertThat(sent(job).at("/stream_options/include_usage").asBoolean()).isTrue();
    assertThat(job.answer()).isEqualTo(Job.Answer.EVENTS);
    assertThat(hidden.showUsage()).isFalse();
    assertThat(shown.showUsage()).isTrue();
    assertThat(parse(NATIVE, HELLO + ",'stream':true}").showUsage()).isTrue();
    assertThat(job(NATIVE, HELLO + "}").answer()).isEqualTo(Job.Answer.LANGUAGE);
  }

  @Test
  void takesOpenAisNewerNameForTheLimit() {
    Job job = job(OPEN_AI, HELLO + ",'max_completion_tokens':9}");

    assertThat(job.estimate().most().get(Unit.TOKENS_OUT)).isEqualTo(9);
    assertThat(sent(job).get("max_tokens").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'messages':[]}",
        "{'messages':'hi'}",
        "{'messages':[{}],'stream':'yes'}",
        "{'messages':[{}],'n':2}",
        "{'messages':[{}],'max_tokens':0}",
        "{'messages':[{}],'max_tokens':1000001}",
        "{'messages':[{}],'MAX_TOKENS':5}"
      })
  void refusesWhatItCannotPrice(String body) {
    assertThat(refusal(() -> parse(OPEN_AI, body)).status()).isEqualTo(422);
  }

  @Test
  void billsTheGatewaysCountWithinTheLimit() {
    Job job = job(NATIVE, HELLO + ",'max_tokens':7}");
    String choices = "'choices':[{'message':{'content':'hello'}}]";

    assertThat(
            job.measured(
                answer("{" + choices + ",'usage':{'prompt_tokens':3,'completion_tokens':99}}"),
                NOTHING))
        .isEqualTo(TokenCount.tokens(3, 7));
  }

  @Test
  void isCompleteWithAChoice() {
    assertThat(NATIVE.isComplete(answer("{'choices':[{}]}"))).isTrue();
    assertThat(NATIVE.isComplete(answer("{'choices':[]}"))).isFalse();
    assertThat(NATIVE.isComplete(answer("{'choices':[{}],'error':'x'}"))).isFalse();
  }
}
