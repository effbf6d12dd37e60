package io.naap.contracts.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a usage stream: a JSON array of {@link UsageRecorded}, at most {@link #MOST},
 * because an entry for each event costs Redis more than the jobs themselves. A single object is an
 * array of one. The events of an entry stand for themselves: one that cannot be read says nothing
 * about the others, and neither does a {@link UsageMissing} among them.
 */
public final class UsageEntry {
  public static final int MOST = 200;

  private static final JsonFactory JSON = new JsonFactory();

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
    List<String> events = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(payload)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("a usage entry is an object or an array");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        // To the event's own end, and its text as it came: how well it reads is for its reader to
        // say.
        events.add(payload.substring(from, (int) parser.currentLocation().getCharOffset()));
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("something follows the array of a usage entry");
      }
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("a usage entry is JSON", unreadable);
    }
    return events;
  }
}
