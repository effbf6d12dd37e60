package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/**
 * A JSON body as the client gave it, and what is made explicit in it. What already says so passes
 * on byte by byte; what is missing is put in front; only what must say something else is written
 * anew.
 */
public final class Given {
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

  private final Buffer bytes;
  private final ObjectNode body;
  private final StringBuilder added = new StringBuilder();
  private boolean rewritten;

  /**
   * @param bytes as they came
   * @param body what they say, with every name once
   */
  Given(Buffer bytes, ObjectNode body) {
    this.bytes = bytes;
    this.body = body;
    this.rewritten = body.isEmpty() || !isUtf8(bytes);
    for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
      spelledAs(MEASURED, names.next());
    }
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

  /** JSON in other encodings has zeros among its first four bytes (RFC 4627, section 3). */
  private static boolean isUtf8(Buffer bytes) {
    for (int at = 0; at < Math.min(4, bytes.length()); at++) {
      if (bytes.getByte(at) == 0) {
        return false;
      }
    }
    return true;
  }

  ObjectNode body() {
    return body;
  }

  /** Bytes that came. */
  int length() {
    return bytes.length();
  }

  void explicit(String field, long value) {
    JsonNode given = body.get(field);
    if (given == null || !given.isIntegralNumber() || given.asLong() != value) {
      write(field, given, LongNode.valueOf(value));
    }
  }

  void explicit(String field, boolean value) {
    explicit(field, BooleanNode.valueOf(value));
  }

  void explicit(String field, String value) {
    explicit(field, TextNode.valueOf(value));
  }

  void explicit(String field, JsonNode value) {
    JsonNode given = body.get(field);
    if (!value.equals(given)) {
      write(field, given, value);
    }
  }

  private void write(String field, JsonNode given, JsonNode value) {
    body.set(field, value);
    if (given != null) {
      rewritten = true;
    } else if (!rewritten) {
      added.append('"').append(field).append("\":").append(value).append(',');
    }
  }

  /** For the gateway. */
  Buffer forwarded() {
    if (rewritten) {
      return Buffer.buffer(body.toString());
    }
    if (added.isEmpty()) {
      return bytes;
    }
    int open = 0;
    while (bytes.getByte(open) != '{') {
      open++;
    }
    byte[] front = added.toString().getBytes(StandardCharsets.UTF_8);
    return Buffer.buffer(bytes.length() + front.length)
        .appendBuffer(bytes, 0, open + 1)
        .appendBytes(front)
        .appendBuffer(bytes, open + 1, bytes.length() - open - 1);
  }
}
