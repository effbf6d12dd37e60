package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** A gateway's images as OpenAI's clients read them: {@code {"created":..,"data":[{"url":..}]}}. */
final class OpenAiImages {
  private OpenAiImages() {}

  static ObjectNode of(JsonNode answer, Instant created) {
    ObjectNode shaped = JsonNodeFactory.instance.objectNode();
    shaped.put("created", created.getEpochSecond());
    ArrayNode data = shaped.putArray("data");
    for (JsonNode image : answer.path("images")) {
      data.addObject().set("url", image.path("url"));
    }
    return shaped;
  }
}
