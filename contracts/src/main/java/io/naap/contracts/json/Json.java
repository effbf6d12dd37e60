package io.naap.contracts.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;

/** The settings of JSON, and a mapper for events. */
public final class Json {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING = 4 * 1024 * 1024;

  /** For events: what a newer producer adds is ignored. */
  private static final ObjectMapper EVENTS =
      strict(new ObjectMapper())
          .registerModules(new Jdk8Module(), new JavaTimeModule(), new ParameterNamesModule())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  /** Makes a mapper read one way or refuse. */
  public static ObjectMapper strict(ObjectMapper mapper) {
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(MAX_STRING)
                .maxNumberLength(100)
                .build());
    mapper
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(com.fasterxml.jackson.core.JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN);
    mapper
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    mapper.setConfig(
        mapper.getDeserializationConfig().without(MapperFeature.ALLOW_COERCION_OF_SCALARS));
    return mapper;
  }

  /** True when every string and name in a tree can be stored, see {@link StorableStrings}. */
  public static boolean isStorable(JsonNode tree) {
    return StorableStrings.holdsOnly(tree);
  }

  /**
   * True when every string in an event can be stored. Decided by what the text decodes to: the six
   * characters of an escaped NUL are allowed in a string, a NUL is not.
   *
   * @throws IllegalArgumentException when the text is not JSON
   */
  public static boolean isStorable(String json) {
    if (json.indexOf('\0') >= 0) {
      return false;
    }
    // Only an escape can bring one in, so most texts are not parsed for this.
    return !json.contains("\\u0000") || isStorable(read(json, JsonNode.class));
  }

  /** Writes an event, or any other record, as one line of JSON. */
  public static String write(Object event) {
    try {
      return EVENTS.writeValueAsString(event);
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException("cannot write " + event.getClass().getName(), unwritable);
    }
  }

  /**
   * Reads an event.
   *
   * @throws IllegalArgumentException when the text is not such an event
   */
  public static <T> T read(String json, Class<T> type) {
    try {
      return EVENTS.readValue(json, type);
    } catch (JsonProcessingException unreadable) {
      throw new IllegalArgumentException(
          "not a " + type.getSimpleName() + ": " + unreadable.getOriginalMessage(), unreadable);
    }
  }
}
