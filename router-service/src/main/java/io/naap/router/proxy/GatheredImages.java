package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpClientResponse;
import java.util.ArrayList;
import java.util.List;

/** The images of the parts of one job that a gateway has answered. */
final class GatheredImages {
  private final List<JsonNode> images = new ArrayList<>();
  private HttpClientResponse head;

  boolean isEmpty() {
    return images.isEmpty();
  }

  /** The head of the last part that was answered. */
  HttpClientResponse head() {
    return head;
  }

  void add(HttpClientResponse from, JsonNode answer) {
    answer.path("images").forEach(images::add);
    head = from;
  }

  /** Puts all images into an answer. */
  ObjectNode into(ObjectNode answer) {
    answer.putArray("images").addAll(images);
    return answer;
  }

  /** An answer with the images and nothing else. */
  ObjectNode asAnswer() {
    return into(JsonNodeFactory.instance.objectNode());
  }

  void clear() {
    images.clear();
  }
}
