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

/** Settings of all JSON mappers, and the mapper for events. */
public final class Json {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING = 4 * 1024 * 1024;

  /** For events; ignores unknown fields, because newer publishers may add some. */
  private static final ObjectMapper EVENTS =
      strict(new ObjectMapper())
          .registerModules(new Jdk8Module(), new JavaTimeModule(), new ParameterNamesModule())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  /** Configures a mapper to refuse JSON that could be read in more than one way. */
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
   * True when every string in an event can be stored. Judges the decoded text: the six characters
   * of a NUL's escape are allowed in a string, a NUL character is not.
   *
   * @throws IllegalArgumentException when the text is not JSON
   */
  public static boolean isStorable(String json) {
    if (json.indexOf('\0') >= 0) {
      return false;
    }
    // Only this escape can produce a NUL, so most texts need no parsing.
    return !json.contains("\\u0000") || isStorable(read(json, JsonNode.class));
  }

  /** Writes a record as one line of JSON. */
  public static String write(Object event) {
    try {
      return EVENTS.writeValueAsString(event);
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException("cannot write " + event.getClass().getName(), unwritable);
    }
  }

  /**
   * Reads an event from JSON.
   *
   * @throws IllegalArgumentException when the text is not an event of that type
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
