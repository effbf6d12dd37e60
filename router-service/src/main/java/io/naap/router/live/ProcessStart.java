package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.naap.router.workload.JsonBodyEditor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The body of {@code POST /process/stream/start} (go-livepeer byoc/types.go, StartRequest). A
 * gateway acts on its fields from inside the operator's network, so only these fields are accepted,
 * in this spelling. The platform chooses the stream's name, because two customers may choose the
 * same.
 *
 * @param output where the gateway sends the stream's video, as the customer wrote it
 * @param params JSON in a text, for the container
 */
record ProcessStart(Optional<String> output, Optional<String> params) {
  private static final Set<String> FIELDS =
      Set.of("stream_name", "stream_id", "rtmp_output", "params");

  /** Reads a body, or refuses it with a 422. */
  static ProcessStart read(ObjectNode body) {
    for (Map.Entry<String, JsonNode> field : body.properties()) {
      JsonBodyEditor.spelledAs(FIELDS, field.getKey());
      if (!FIELDS.contains(field.getKey())) {
        throw Refusal.invalid(
                "A stream's start takes the fields stream_name, stream_id, rtmp_output and params.")
            .raise();
      }
      if (!field.getValue().isTextual() && !field.getValue().isNull()) {
        throw Refusal.invalid("Field \"" + field.getKey() + "\" must be a text.").raise();
      }
    }
    return new ProcessStart(text(body, "rtmp_output"), text(body, "params"));
  }

  private static Optional<String> text(ObjectNode body, String field) {
    return Optional.ofNullable(body.path(field).textValue()).filter(text -> !text.isBlank());
  }

  /**
   * The body for the gateway.
   *
   * @param stream the platform's name of the stream
   * @param checkedOutput the output's address that may be opened
   */
  ObjectNode told(String stream, Optional<String> checkedOutput) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    told.put("stream_name", stream);
    told.put("stream_id", "1");
    checkedOutput.ifPresent(output -> told.put("rtmp_output", output));
    params.ifPresent(text -> told.put("params", text));
    return told;
  }
}
