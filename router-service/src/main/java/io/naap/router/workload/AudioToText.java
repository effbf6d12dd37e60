package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.endpoint.Endpoint;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;

/**
 * What is said in a recording; paid by the recording's length.
 *
 * @param usualBitsPerSecond of a recording that tells its length only at its end
 */
record AudioToText(FormReader forms, long usualBitsPerSecond, Endpoint endpoint, boolean openAi)
    implements FormWorkload {
  static AudioToText nativePath(FormReader forms, long usualBitsPerSecond) {
    return new AudioToText(forms, usualBitsPerSecond, Endpoint.AUDIO_TO_TEXT, false);
  }

  static AudioToText openAiPath(FormReader forms, long usualBitsPerSecond) {
    return new AudioToText(forms, usualBitsPerSecond, Endpoint.AUDIO_TRANSCRIPTIONS, true);
  }

  @Override
  public String capability() {
    return "audio-to-text";
  }

  @Override
  public String fileField() {
    return "audio";
  }

  @Override
  public Map<String, String> defaults(MultipartHead form) {
    return Map.of();
  }

  @Override
  public FormMeter meter(MultipartHead form) {
    Recording recording = Recording.begin(form.file(), usualBitsPerSecond);
    return new FormMeter() {
      @Override
      public Units of(JsonNode answer) {
        return units(recording.measured());
      }

      @Override
      public Units most(long fileBytes) {
        return units(recording.most(fileBytes));
      }

      @Override
      public Optional<Units> expected(long fileBytes) {
        return Optional.of(units(recording.expected(fileBytes)));
      }

      @Override
      public void pass(Buffer bytes) {
        recording.pass(bytes);
      }
    };
  }

  private static Units units(long millis) {
    return Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, Math.min(millis, Units.MOST));
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer) && answer.path("text").isTextual();
  }
}
