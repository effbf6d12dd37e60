package io.naap.contracts.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a usage stream: a JSON array of at most {@link #MOST} {@link UsageRecorded}, because
 * one entry per event would cost Redis more than the jobs themselves. A single object counts as an
 * array of one. Events of an entry are independent: the others are used when one is unreadable, and
 * when one is a {@link UsageMissing}.
 */
public final class UsageEntry {
  public static final int MOST = 200;

  private static final JsonFactory JSON = new JsonFactory();

  private UsageEntry() {}

  /**
   * Splits an entry into the JSON of each event.
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
        // The text is taken unchanged; whoever parses the event judges it.
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
