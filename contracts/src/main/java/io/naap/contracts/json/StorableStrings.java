package io.naap.contracts.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.text.PlainText;
import java.io.IOException;
import java.util.Map;

/** Refuses strings in request bodies that Postgres cannot store, in every field. */
final class StorableStrings {
  private static final String WHY = "text must be well-formed Unicode without NUL characters";

  private StorableStrings() {}

  static SimpleModule module() {
    return new SimpleModule("storable-strings")
        .addDeserializer(String.class, new Value())
        .addKeyDeserializer(String.class, new Name());
  }

  /** True when every string and name in a tree can be stored. */
  static boolean holdsOnly(JsonNode tree) {
    if (tree.isTextual()) {
      return PlainText.isStorable(tree.textValue());
    }
    for (Map.Entry<String, JsonNode> member : tree.properties()) {
      if (!PlainText.isStorable(member.getKey())) {
        return false;
      }
    }
    for (JsonNode inner : tree) {
      if (!holdsOnly(inner)) {
        return false;
      }
    }
    return true;
  }

  private static final class Value extends StringDeserializer {
    private static final long serialVersionUID = 1L;

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      String text = super.deserialize(parser, context);
      if (text != null && !PlainText.isStorable(text)) {
        throw JsonMappingException.from(parser, WHY, new InvalidInput(WHY));
      }
      return text;
    }
  }

  private static final class Name extends KeyDeserializer {
    @Override
    public Object deserializeKey(String name, DeserializationContext context) throws IOException {
      if (!PlainText.isStorable(name)) {
        throw JsonMappingException.from(context.getParser(), WHY, new InvalidInput(WHY));
      }
      return name;
    }
  }
}
