package io.naap.contracts.events;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a usage stream: a JSON array of {@link UsageRecorded}, at most {@link #MOST},
 * because an entry for each event costs Redis more than the jobs themselves. A single object is an
 * array of one. The events of an entry stand for themselves: one that cannot be read says nothing
 * about the others.
 */
public final class UsageEntry {
  public static final int MOST = 200;

  private UsageEntry() {}

  /**
   * The JSON of each event of an entry.
   *
   * @throws IllegalArgumentException when it is not JSON, or neither object nor array
   */
  public static List<String> events(String payload) {
    if (payload.startsWith("{")) {
      return List.of(payload);
    }
    JsonNode array = Json.read(payload, JsonNode.class);
    if (array == null || !array.isArray()) {
      throw new IllegalArgumentException("a usage entry is an object or an array");
    }
    List<String> events = new ArrayList<>(array.size());
    array.forEach(event -> events.add(event.toString()));
    return events;
  }
}
