package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.endpoint.Endpoint;

/** A text read aloud, by go-livepeer's names; paid by the text's characters. */
record TextToSpeech(JsonRequest json, Endpoint endpoint, String capability)
    implements JsonWorkload {
  static final String CAPABILITY = "text-to-speech";
  static final String PATH = "/text-to-speech";

  TextToSpeech(JsonRequest json) {
    this(json, Endpoint.TEXT_TO_SPEECH, CAPABILITY);
  }

  @Override
  public ParsedRequest parse(JsonBodyEditor given) {
    ObjectNode body = given.body();
    Units units = characters(JsonRequest.requiredText(body, "text"));
    return ParsedRequest.of(
        this,
        JsonRequest.text(body, "model_id"),
        model -> {
          given.explicit("model_id", model);
          return new Job(
              Job.Estimate.exact(units),
              new Job.Outgoing(
                  PATH, JsonRequest.HEADERS, new Body.Whole(given.forwarded()), Job.Answer.JSON),
              (answer, delivered) -> units);
        });
  }

  static Units characters(String text) {
    return Units.of(Unit.REQUESTS, 1).with(Unit.CHARACTERS, text.codePointCount(0, text.length()));
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return namesRecording(answer);
  }

  static boolean namesRecording(JsonNode answer) {
    return !Workload.isError(answer) && answer.at("/audio/url").isTextual();
  }
}
