package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Upload;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A JSON body that was read, and in which values are set. The gateway gets what the router read,
 * written anew: so two parsers that read the same bytes in two ways cannot make the gateway do
 * another job than the one that is billed.
 */
public final class JsonBodyEditor {
  /** The fields that decide what a job is, or what it costs. */
  private static final Set<String> MEASURED =
      Set.of(
          "model",
          "model_id",
          "width",
          "height",
          "num_images_per_prompt",
          "max_tokens",
          "max_completion_tokens",
          "messages",
          "prompt",
          "text",
          "stream",
          "stream_options",
          "n");

  /** A longer text, an object or a list is not written on the event loop. */
  private static final int LONG_VALUE = 1_024;

  private final int length;
  private final ObjectNode body;

  /** The long members of a large body that are not set here, written on a worker thread. */
  private byte[] written;

  private ObjectNode rest;

  /**
   * Called on a worker thread when the body is large.
   *
   * @param bytes as they came
   * @param body the same parsed, with every name once
   */
  JsonBodyEditor(Buffer bytes, ObjectNode body) {
    this.length = bytes.length();
    this.body = body;
    for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
      spelledAs(MEASURED, names.next());
    }
    if (length >= Upload.LARGE_BYTES) {
      writeLongMembers();
    }
  }

  private void writeLongMembers() {
    rest = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      JsonNode value = member.getValue();
      if (value.isContainerNode() || value.asText().length() > LONG_VALUE) {
        rest.set(member.getKey(), value);
      }
    }
    String text = rest.toString();
    written = text.substring(1, text.length() - 1).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Refuses a name that differs from a known field by case only. Go's encoding/json ignores case
   * (the Kelvin sign and the long s included) and takes the last of two such fields: the gateway
   * would do {@code Width}, and the router bill {@code width}.
   */
  public static void spelledAs(Set<String> meant, String name) {
    if (meant.contains(name)) {
      return;
    }
    for (int at = 0; at < name.length(); at++) {
      char letter = name.charAt(at);
      if ((letter >= 'A' && letter <= 'Z') || letter > 127) {
        String folded = folded(name);
        if (meant.contains(folded)) {
          throw Refusal.invalid("Field \"" + name + "\" must be written \"" + folded + "\".")
              .raise();
        }
        return;
      }
    }
  }

  static String folded(String name) {
    return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  ObjectNode body() {
    return body;
  }

  /** The number of bytes that came. */
  int length() {
    return length;
  }

  void explicit(String field, long value) {
    explicit(field, LongNode.valueOf(value));
  }

  void explicit(String field, boolean value) {
    explicit(field, BooleanNode.valueOf(value));
  }

  void explicit(String field, String value) {
    explicit(field, TextNode.valueOf(value));
  }

  void explicit(String field, JsonNode value) {
    if (rest != null && rest.has(field)) {
      // The member's old value has been written, so the long members are written again.
      rest.remove(field);
      String text = rest.toString();
      written = text.substring(1, text.length() - 1).getBytes(StandardCharsets.UTF_8);
    }
    body.set(field, value);
  }

  /** The body for the gateway. */
  Buffer forwarded() {
    if (rest == null) {
      return Buffer.buffer(body.toString());
    }
    ObjectNode few = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      if (!rest.has(member.getKey())) {
        few.set(member.getKey(), member.getValue());
      }
    }
    byte[] beginning = few.toString().getBytes(StandardCharsets.UTF_8);
    Buffer all = Buffer.buffer(beginning.length + written.length + 1);
    all.appendBytes(beginning, 0, beginning.length - 1);
    if (!few.isEmpty() && !rest.isEmpty()) {
      all.appendByte((byte) ',');
    }
    return all.appendBytes(written).appendByte((byte) '}');
  }
}
