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
import io.naap.router.Samples;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeechTest {
  private static final Speech OPEN_AI = new Speech(JSON);
  private static final TextToSpeech NATIVE = new TextToSpeech(JSON);

  @Test
  void countsCharactersNotCodeUnits() {
    Job job = job(NATIVE, "{'text':'Grüße 🎈'}");

    assertThat(job.estimate().most().get(Unit.CHARACTERS)).isEqualTo(7);
    assertThat(job.measured(answer("{}"), NOTHING)).isEqualTo(job.estimate().most());
  }

  @Test
  void describesTheVoiceInWords() {
    Job job = job(OPEN_AI, "{'input':'Hi','voice':'Jon','instructions':'Whisper.','speed':1.0}");

    assertThat(sent(job).get("description").asText()).isEqualTo("Jon's voice is clear. Whisper.");
  }

  @Test
  void holdsForASlowReaderAndBillsTheRecording() {
    Job job = job(OPEN_AI, "{'input':'1234567890'}");
    byte[] wav = Samples.wav(2);

    assertThat(job.estimate().most().get(Unit.MILLISECONDS)).isEqualTo(2_000 + 10 * 150);
    assertThat(
            job.measured(null, new Job.Delivered(0, 0, Buffer.buffer(wav), wav.length))
                .get(Unit.MILLISECONDS))
        .isEqualTo(2_000);
    assertThat(job.measured(null, NOTHING).get(Unit.MILLISECONDS)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'input':'a','response_format':'mp3'}",
        "{'input':'a','speed':2}",
        "{'input':'a','speed':'1'}",
        "{'input':'a','voice':7}"
      })
  void refusesWhatGatewaysCannotMake(String body) {
    assertThat(refusal(() -> parse(OPEN_AI, body)).status()).isEqualTo(422);
  }

  @Test
  void refusesATextThatIsTooLong() {
    assertThat(refusal(() -> parse(OPEN_AI, "{'input':'" + "a".repeat(4_097) + "'}")).detail())
        .contains("4096");
  }

  @Test
  void isCompleteWhenTheAnswerNamesARecording() {
    assertThat(OPEN_AI.isComplete(answer("{'audio':{'url':'/stream/a/b.wav'}}"))).isTrue();
    assertThat(OPEN_AI.isComplete(answer("{'audio':{}}"))).isFalse();
    assertThat(NATIVE.isComplete(answer("{'audio':{'url':'x'},'error':{}}"))).isFalse();
  }
}
