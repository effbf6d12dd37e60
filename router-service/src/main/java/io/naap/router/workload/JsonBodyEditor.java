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
 * A JSON body as it was read, and what is made explicit in it. A gateway gets what was read and
 * measured here, written anew: two parsers that read the same bytes in two ways cannot make the
 * gateway do another job than the one that is billed.
 */
public final class JsonBodyEditor {
  /** What jobs are measured by, or paid for. */
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

  /** A value of this many characters, or with values in it, is not written on the event loop. */
  private static final int LONG_VALUE = 1_024;

  private final int length;
  private final ObjectNode body;

  /** Of a large body: the members that are not made explicit, written where nobody waits. */
  private byte[] written;

  private ObjectNode rest;

  /**
   * Made where a large body is read, on a worker thread.
   *
   * @param bytes as they came
   * @param body what they say, with every name once
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
   * Gateways read names whatever their case (Go's encoding/json folds it, the Kelvin sign and the
   * long s included), and take the last: {@code Width} beside {@code width} would be made, and not
   * be paid.
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

  /** Bytes that came. */
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
      // Its old value has been written; so all is written again.
      rest.remove(field);
      String text = rest.toString();
      written = text.substring(1, text.length() - 1).getBytes(StandardCharsets.UTF_8);
    }
    body.set(field, value);
  }

  /** For the gateway. */
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
