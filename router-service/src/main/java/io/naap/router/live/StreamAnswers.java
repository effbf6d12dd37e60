package io.naap.router.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.naap.router.proxy.GatewayRefusal;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Rewrites a gateway's answers about a stream for its owner. Addresses become those of the platform
 * or are left out: the gateway's own lead past the platform, or into the operator's network.
 */
final class StreamAnswers {
  /** The last parts of the paths of a stream. */
  private static final List<String> SERVED =
      List.of("whip", "whep", "update", "status", "data", "stop");

  /** Fields with what the customer gave to the pipeline. */
  private static final Set<String> THE_CUSTOMERS = Set.of("params", "last_params");

  private static final String WHEP = "whep_url";
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[\\d:.]{5,20}(?:Z|[+-]\\d\\d:?\\d\\d)?");

  private StreamAnswers() {}

  /**
   * The answer to a BYOC stream's start: its name, and the platform's addresses for what the
   * gateway offers.
   *
   * @param said the gateway's answer
   * @param base of the stream's paths here
   * @param output as the customer wrote it
   */
  static ObjectNode started(
      ObjectNode said, String base, String streamId, Optional<String> output) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("stream_id", streamId);
    for (String name : SERVED) {
      if (!said.path(name + "_url").asText("").isEmpty()) {
        answer.put(name + "_url", base + "/" + name);
      }
    }
    output.ifPresent(url -> answer.put("rtmp_output_url", url));
    return answer;
  }

  /**
   * A status, or the answer to an update, for the owner; empty when it is not JSON.
   *
   * @param whep the platform's address where the stream can be watched
   */
  static Buffer shown(ObjectMapper json, Buffer said, String whep) {
    try {
      JsonNode read = said.length() == 0 ? null : json.readTree(said.getBytes());
      return read == null || read.isMissingNode()
          ? Buffer.buffer()
          : Buffer.buffer(shown(read, whep).toString());
    } catch (IOException unreadable) {
      return Buffer.buffer();
    }
  }

  private static JsonNode shown(JsonNode said, String whep) {
    return switch (said) {
      case ObjectNode object -> {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
          String name = field.getKey();
          JsonNode value = field.getValue();
          if (THE_CUSTOMERS.contains(name)) {
            shown.set(name, value);
          } else if (name.equals(WHEP)) {
            shown.put(name, value.asText("").isEmpty() ? "" : whep);
          } else if (!(value.isTextual() && name.endsWith("_url"))) {
            shown.set(name, shown(value, whep));
          }
        }
        yield shown;
      }
      case ArrayNode list -> {
        ArrayNode shown = JsonNodeFactory.instance.arrayNode();
        list.forEach(entry -> shown.add(shown(entry, whep)));
        yield shown;
      }
      case TextNode text -> {
        String words = text.textValue();
        yield words.isBlank() || TIME.matcher(words).matches()
            ? text
            : TextNode.valueOf(GatewayRefusal.withoutAddresses(words));
      }
      default -> said;
    };
  }

  /**
   * True when a status says that no orchestrator took the stream: it has an error, and nothing of a
   * pipeline that runs or ran.
   */
  static boolean isUntaken(ObjectMapper json, Buffer said) {
    try {
      JsonNode status = json.readTree(said.getBytes());
      return !status.path("gateway_status").path("error").asText("").isBlank()
          && !status.hasNonNull("inference_status")
          && !status.hasNonNull("input_status");
    } catch (IOException unreadable) {
      return false;
    }
  }
}
