package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.protobuf.ByteString;
import io.naap.contracts.json.Json;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a gateway or SDK sends; keys in any case, as Go reads them.
 *
 * @param state empty when there is none
 * @param signature of the state
 * @param type empty, {@code lv2v}, {@code live} or {@code fixed}
 */
record PaymentRequest(
    ByteString state,
    ByteString signature,
    ByteString orchestrator,
    String manifestId,
    String app,
    long inPixels,
    String type,
    Optional<MaxPrice> maxPrice,
    Optional<ByteString> capabilities) {
  /** A ceiling the caller sets. */
  record MaxPrice(JsonNode price, String currency, String unit) {
    /** Above zero, else nothing. */
    Optional<BigDecimal> value() {
      try {
        BigDecimal value =
            price.isTextual() ? new BigDecimal(price.asText()) : price.decimalValue();
        boolean sensible =
            (price.isTextual() || price.isNumber())
                && value.signum() > 0
                && Math.abs((long) value.scale()) < 100
                && value.precision() < 100;
        return sensible ? Optional.of(value) : Optional.empty();
      } catch (NumberFormatException notANumber) {
        return Optional.empty();
      }
    }
  }

  private static final Pattern STATE =
      Pattern.compile("\"State\"\\s*:\\s*\"[^\"]", Pattern.CASE_INSENSITIVE);

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxNumberLength(100)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException when it is not such a request
   */
  static PaymentRequest read(String body) {
    JsonNode json;
    try {
      json = tree(body);
    } catch (JsonProcessingException malformed) {
      throw new IllegalArgumentException("the body is not JSON", malformed);
    }
    if (json == null || !json.isObject()) {
      throw new IllegalArgumentException("the body is not a JSON object");
    }
    if (!isStorable(json)) {
      throw new IllegalArgumentException("the body has a NUL or broken Unicode in its text");
    }
    Optional<JsonNode> state = field(json, "state");
    if (state.isPresent() && !state.get().isObject()) {
      throw new IllegalArgumentException("state is not an object");
    }
    return new PaymentRequest(
        state.map(s -> bytes(s, "State")).orElse(ByteString.EMPTY),
        state.map(s -> bytes(s, "Sig")).orElse(ByteString.EMPTY),
        bytes(json, "orchestrator"),
        text(json, "ManifestID"),
        text(json, "app"),
        whole(json, "inPixels"),
        text(json, "type"),
        field(json, "maxPrice").map(PaymentRequest::maxPrice),
        field(json, "capabilities").map(c -> decode("capabilities", c)));
  }

  /** A quick look, before anything is parsed: a body without a state begins a session. */
  static boolean beginsASession(String body) {
    return !STATE.matcher(body).find();
  }

  private static boolean isStorable(JsonNode json) {
    return Json.isStorable(json);
  }

  private static JsonNode tree(String body) throws JsonProcessingException {
    return JSON.readTree(body);
  }

  private static MaxPrice maxPrice(JsonNode json) {
    if (!json.isObject()) {
      throw new IllegalArgumentException("maxPrice is not an object");
    }
    return new MaxPrice(
        field(json, "price").orElse(NullNode.getInstance()),
        text(json, "currency"),
        text(json, "unit"));
  }

  private static Optional<JsonNode> field(JsonNode json, String name) {
    JsonNode exact = json.get(name);
    if (exact != null) {
      return Optional.of(exact).filter(value -> !value.isNull());
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equalsIgnoreCase(name)) {
        return Optional.of(field.getValue()).filter(value -> !value.isNull());
      }
    }
    return Optional.empty();
  }

  private static String text(JsonNode json, String name) {
    return field(json, name)
        .map(
            value -> {
              if (!value.isTextual()) {
                throw new IllegalArgumentException(name + " is not a string");
              }
              return value.asText();
            })
        .orElse("");
  }

  private static long whole(JsonNode json, String name) {
    return field(json, name)
        .map(
            value -> {
              if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw new IllegalArgumentException(name + " is not a whole number");
              }
              return value.longValue();
            })
        .orElse(0L);
  }

  private static ByteString bytes(JsonNode json, String name) {
    return field(json, name).map(value -> decode(name, value)).orElse(ByteString.EMPTY);
  }

  private static ByteString decode(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException(name + " is not a string");
    }
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(value.asText()));
    } catch (IllegalArgumentException notBase64) {
      throw new IllegalArgumentException(name + " is not base64", notBase64);
    }
  }
}
