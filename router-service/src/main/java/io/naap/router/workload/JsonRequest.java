package io.naap.router.workload;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.problem.UnreadableJson;
import io.naap.router.http.Upload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads JSON bodies and headers strictly: a text that two parsers could read in two ways is
 * refused, because the gateway parses what it gets once more.
 */
final class JsonRequest {
  static final Map<String, String> HEADERS = Map.of("Content-Type", "application/json");

  private static final Pattern JSON_TYPE =
      Pattern.compile(
          "application/json\\s*(;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*)?;?\\s*",
          Pattern.CASE_INSENSITIVE);

  private final ObjectReader strict;
  private final JsonLimits limits;
  private final long maxBytes;

  JsonRequest(ObjectMapper json, JsonLimits limits, long maxBytes) {
    this.strict =
        json.reader()
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    this.limits = limits;
    this.maxBytes = maxBytes;
  }

  /** Reads a body that is a JSON object. */
  Future<JsonBodyEditor> object(Upload request) {
    String type = request.getHeader("Content-Type");
    if (type == null || !(type.equals("application/json") || JSON_TYPE.matcher(type).matches())) {
      return Future.failedFuture(
          Refusal.of(415, "unsupported_media_type", "Send the body as application/json, in UTF-8.")
              .raise());
    }
    return request.json(maxBytes, this::editor);
  }

  JsonBodyEditor editor(Buffer text) {
    if (!(parse(text, "body") instanceof ObjectNode object)) {
      throw Refusal.invalid("The body must be a JSON object.").raise();
    }
    return new JsonBodyEditor(text, object);
  }

  /**
   * Parses a JSON text.
   *
   * @param what the text's name in an error message
   */
  JsonNode parse(Buffer text, String what) {
    try {
      byte[] bytes = text.getBytes();
      if (JsonScan.scan(bytes, bytes.length, limits) instanceof JsonScan.Result.Malformed wrong) {
        throw malformed("The " + what + " is not valid JSON: " + wrong.why() + ".");
      }
      JsonNode node = strict.readTree(bytes);
      if (node != null && !node.isMissingNode()) {
        return node;
      }
    } catch (JacksonException unreadable) {
      throw malformed(
          "The " + what + " cannot be read. " + UnreadableJson.whatToChange(unreadable));
    } catch (IOException unreadable) {
      throw malformed("The " + what + " is not valid JSON.");
    }
    throw malformed("The " + what + " is empty.");
  }

  private static Refusal.RefusedException malformed(String detail) {
    return Refusal.of(400, "malformed_json", detail).raise();
  }

  /** A field that must be a text of at least one character. */
  static String requiredText(ObjectNode body, String field) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      throw Refusal.invalid("Field \"" + field + "\" is missing.").raise();
    }
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw notText(field);
    }
    return value.asText();
  }

  /** A field that may be absent, null or empty. */
  static Optional<String> text(ObjectNode body, String field) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw notText(field);
    }
    return Optional.of(value.asText()).filter(text -> !text.isEmpty());
  }

  private static Refusal.RefusedException notText(String field) {
    return Refusal.invalid("Field \"" + field + "\" must be a text.").raise();
  }

  /** A whole number from 1 to {@code most}; {@code otherwise} when absent or null. */
  static long integer(ObjectNode body, String field, long otherwise, long most) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.asLong() < 1
        || value.asLong() > most) {
      throw Refusal.invalid(
              "Field \"" + field + "\" must be a whole number from 1 to " + most + ".")
          .raise();
    }
    return value.asLong();
  }

  /** Refuses any value of a text field but one; an absent field is fine. */
  static void requireOnly(ObjectNode body, String field, String value, String refusal) {
    if (text(body, field).filter(given -> !given.equals(value)).isPresent()) {
      throw Refusal.invalid(refusal).raise();
    }
  }

  static Buffer bytes(ObjectNode body) {
    return Buffer.buffer(body.toString());
  }
}
