package io.naap.keys.apikey;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.json.Json;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;

/**
 * A change of a key as a JSON merge patch (RFC 7396): absent fields stay, null removes a field,
 * objects are merged field by field, lists are replaced.
 */
final class KeyPatch {
  private final ObjectMapper strict;
  private final ObjectNode patch;

  KeyPatch(ObjectMapper strict, ObjectNode patch) {
    this.strict = strict;
    this.patch = patch;
  }

  /** The tier that the patch sets; empty when it sets none or removes it. */
  Optional<String> tier() {
    JsonNode named = patch.get("tier");
    return named != null && named.isTextual() ? Optional.of(named.asText()) : Optional.empty();
  }

  /**
   * Applies the patch to a key's fields; fails with Jackson's exception when the result is not
   * valid.
   */
  Uni<KeyFields> of(KeyFields before) {
    try {
      ObjectNode merged = (ObjectNode) strict.readTree(Json.write(before));
      merge(merged, patch);
      return Uni.createFrom().item(strict.treeToValue(merged, KeyFields.class));
    } catch (JsonProcessingException unreadable) {
      return Uni.createFrom().failure(unreadable);
    }
  }

  private static void merge(ObjectNode target, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      JsonNode old = target.get(member.getKey());
      if (member.getValue().isNull()) {
        target.remove(member.getKey());
      } else if (member.getValue() instanceof ObjectNode inner && old instanceof ObjectNode both) {
        merge(both, inner);
      } else {
        target.set(member.getKey(), member.getValue());
      }
    }
  }
}
