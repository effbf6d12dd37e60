package io.naap.clearinghouse.signer.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.protobuf.ByteString;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.InvalidInput;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The body of a payment request of a gateway or SDK. The case of its keys does not matter, as in
 * Go.
 *
 * @param orchestrator the orchestrator's {@code OrchestratorInfo} message
 * @param type empty, {@code lv2v}, {@code live} or {@code fixed}
 */
public record PaymentRequest(
    SignedState state,
    ByteString orchestrator,
    String manifestId,
    String app,
    long inPixels,
    String type,
    Optional<MaxPrice> maxPrice,
    Optional<ByteString> capabilities) {
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

  /** The session's state and the signer's signature of it; both empty in a first request. */
  public record SignedState(ByteString text, ByteString signature) {
    public boolean isAbsent() {
      return text.isEmpty() && signature.isEmpty();
    }
  }

  /** A ceiling that the caller sets for this payment. */
  public record MaxPrice(JsonNode price, String currency, String unit) {
    /** The price above zero; absent when it is anything else. */
    public Optional<BigDecimal> value() {
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

  /**
   * Reads a body.
   *
   * @throws InvalidInput when it is not a payment request
   */
  public static PaymentRequest read(String body) {
    JsonNode json = tree(body);
    if (json == null || !json.isObject()) {
      throw new InvalidInput("the body is not a JSON object");
    }
    if (!isStorable(json)) {
      throw new InvalidInput("the body has a NUL or broken Unicode in its text");
    }
    Optional<JsonNode> state = field(json, "state");
    if (state.isPresent() && !state.get().isObject()) {
      throw new InvalidInput("state is not an object");
    }
    return new PaymentRequest(
        new SignedState(
            state.map(s -> bytes(s, "State")).orElse(ByteString.EMPTY),
            state.map(s -> bytes(s, "Sig")).orElse(ByteString.EMPTY)),
        bytes(json, "orchestrator"),
        text(json, "ManifestID"),
        text(json, "app"),
        whole(json, "inPixels"),
        text(json, "type"),
        field(json, "maxPrice").map(PaymentRequest::maxPrice),
        field(json, "capabilities").map(c -> decode("capabilities", c)));
  }

  /** True for a body without a state. Looks at the text only, before anything is parsed. */
  public static boolean beginsASession(String body) {
    return !STATE.matcher(body).find();
  }

  private static boolean isStorable(JsonNode json) {
    return Json.isStorable(json);
  }

  private static JsonNode tree(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException malformed) {
      throw new InvalidInput("the body is not JSON", malformed);
    }
  }

  private static MaxPrice maxPrice(JsonNode json) {
    if (!json.isObject()) {
      throw new InvalidInput("maxPrice is not an object");
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
    return field(json, name).map(value -> textOf(name, value)).orElse("");
  }

  private static String textOf(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw new InvalidInput(name + " is not a string");
    }
    return value.asText();
  }

  private static long whole(JsonNode json, String name) {
    Optional<JsonNode> value = field(json, name);
    if (value.isEmpty()) {
      return 0;
    }
    if (!value.get().isIntegralNumber() || !value.get().canConvertToLong()) {
      throw new InvalidInput(name + " is not a whole number");
    }
    return value.get().longValue();
  }

  private static ByteString bytes(JsonNode json, String name) {
    return field(json, name).map(value -> decode(name, value)).orElse(ByteString.EMPTY);
  }

  private static ByteString decode(String name, JsonNode value) {
    String text = textOf(name, value);
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      throw new InvalidInput(name + " is not base64", notBase64);
    }
  }
}
