package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import java.util.Optional;

/**
 * A text read aloud, by OpenAI's names; answered with the recording itself and paid by characters
 * and by the recording's length. Gateways make WAV files and nothing else, which most players read:
 * only a request that names another format is refused.
 */
record Speech(JsonRequest json, Endpoint endpoint, String capability, boolean openAi)
    implements JsonWorkload {
  /** A slow reader needs so long for a character, and for the pauses at both ends. */
  private static final long CHARACTER_MILLIS = 150;

  private static final long PAUSES_MILLIS = 2_000;
  private static final int MAX_CHARACTERS = 4096;

  Speech(JsonRequest json) {
    this(json, Endpoint.AUDIO_SPEECH, TextToSpeech.CAPABILITY, true);
  }

  @Override
  public ParsedRequest parse(JsonBodyEditor given) {
    ObjectNode body = given.body();
    String text = JsonRequest.requiredText(body, "input");
    Units spoken = TextToSpeech.characters(text);
    long characters = spoken.get(Unit.CHARACTERS);
    if (characters > MAX_CHARACTERS) {
      throw Refusal.invalid("input may have at most " + MAX_CHARACTERS + " characters.").raise();
    }
    JsonRequest.requireOnly(
        body, "response_format", "wav", "response_format must be wav, or left out.");
    requireNormalSpeed(body.path("speed"));
    ObjectNode job = JsonNodeFactory.instance.objectNode().put("text", text);
    description(body).ifPresent(words -> job.put("description", words));
    Units most = spoken.with(Unit.MILLISECONDS, PAUSES_MILLIS + characters * CHARACTER_MILLIS);
    return ParsedRequest.of(
        this,
        JsonRequest.text(body, "model"),
        model -> {
          job.put("model_id", model);
          return new Job(
              Job.Estimate.exact(most),
              new Job.Outgoing(
                  TextToSpeech.PATH,
                  JsonRequest.HEADERS,
                  new Body.Whole(JsonRequest.bytes(job)),
                  Job.Answer.SPEECH),
              (answer, delivered) -> spoken.with(Unit.MILLISECONDS, millis(delivered)));
        });
  }

  private static long millis(Job.Delivered delivered) {
    return Media.wav(delivered.begin()).map(wav -> wav.millis(delivered.passedBytes())).orElse(0L);
  }

  private static void requireNormalSpeed(JsonNode speed) {
    boolean isOne =
        speed.isNumber() && speed.decimalValue().stripTrailingZeros().toPlainString().equals("1");
    if (!speed.isMissingNode() && !speed.isNull() && !isOne) {
      throw Refusal.invalid("speed must be 1, or left out.").raise();
    }
  }

  /** The models behind gateways take the voice as a description in words. */
  private static Optional<String> description(ObjectNode body) {
    Optional<String> voice = JsonRequest.text(body, "voice");
    Optional<String> instructions = JsonRequest.text(body, "instructions");
    return voice.isEmpty() && instructions.isEmpty()
        ? Optional.empty()
        : Optional.of(
            (voice.map(name -> name + "'s voice is clear. ").orElse("") + instructions.orElse(""))
                .strip());
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return TextToSpeech.namesRecording(answer);
  }
}
