package io.naap.router.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** Writes a gateway's whole answers as OpenAI's clients read them. */
public final class OpenAiAnswers {
  private OpenAiAnswers() {}

  /** True when an answer has another shape than OpenAI's. */
  public static boolean differs(JsonNode answer) {
    return answer.has("images") || (answer.has("choices") && !answer.has("object"));
  }

  /**
   * The same answer in OpenAI's shape.
   *
   * @param answer complete; may be changed
   * @param created when the request arrived
   */
  public static ObjectNode of(ObjectNode answer, Instant created) {
    if (answer.has("images")) {
      return images(answer, created);
    }
    if (answer.has("choices") && !answer.has("object")) {
      answer.put("object", "chat.completion");
    }
    return answer;
  }

  /** {@code {"created":..,"data":[{"url":..}]}}. */
  private static ObjectNode images(JsonNode answer, Instant created) {
    ObjectNode shaped = JsonNodeFactory.instance.objectNode();
    shaped.put("created", created.getEpochSecond());
    ArrayNode data = shaped.putArray("data");
    for (JsonNode image : answer.path("images")) {
      data.addObject().set("url", image.path("url"));
    }
    return shaped;
  }
}
