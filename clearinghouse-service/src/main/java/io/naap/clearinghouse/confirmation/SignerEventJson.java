package io.naap.clearinghouse.confirmation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/** Reads events as JSON trees, so that none of our types needs native registration. */
final class SignerEventJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SignerEventJson() {}

  /** A missing node when the text is no JSON. */
  static JsonNode tree(String json) {
    try {
      JsonNode tree = json == null ? null : JSON.readTree(json);
      return tree == null ? MissingNode.getInstance() : tree;
    } catch (JsonProcessingException malformed) {
      return MissingNode.getInstance();
    }
  }
}
