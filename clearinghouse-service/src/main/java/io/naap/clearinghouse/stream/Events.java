package io.naap.clearinghouse.stream;

import io.naap.contracts.json.Json;
import io.naap.store.Tx;
import io.naap.store.stream.StreamInbox;
import io.naap.store.stream.StreamReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The events of stream entries, one for each id, and the entries that could not be read.
 *
 * @param byId in the order they came
 */
public record Events<T>(Map<String, T> byId, List<Unreadable> unreadable) {
  private static final Logger LOG = Logger.getLogger(Events.class);

  /** An entry that could not be read, and why. */
  public record Unreadable(StreamReader.Entry entry, String reason) {}

  /**
   * Reads entries.
   *
   * @param id of an event
   * @param sensible true when an event is complete and may be taken
   */
  public static <T extends Record> Events<T> read(
      List<StreamReader.Entry> entries,
      Class<T> type,
      Function<T, String> id,
      Predicate<T> sensible) {
    Map<String, T> byId = new LinkedHashMap<>();
    List<Unreadable> unreadable = new ArrayList<>();
    for (StreamReader.Entry entry : entries) {
      try {
        T event = one(entry, type, sensible);
        byId.putIfAbsent(id.apply(event), event);
      } catch (IllegalArgumentException notAnEvent) {
        unreadable.add(new Unreadable(entry, String.valueOf(notAnEvent.getMessage())));
      }
    }
    return new Events<>(byId, unreadable);
  }

  private static <T extends Record> T one(
      StreamReader.Entry entry, Class<T> type, Predicate<T> sensible) {
    if (entry.payload() == null) {
      throw new IllegalArgumentException("the entry has no event");
    }
    T event = parse(entry.payload(), type);
    if (entry.payload().contains("\\u0000") || !sensible.test(event)) {
      throw new IllegalArgumentException("the event is incomplete or not sensible");
    }
    return event;
  }

  /**
   * Stores unreadable entries as dead letters: a person must look at them, and they block no
   * others.
   */
  public void setApart(Tx tx) {
    for (Unreadable one : unreadable) {
      LOG.errorf(
          "a stream entry is not a readable event, stream=%s entry=%s",
          one.entry().stream(), one.entry().id());
      StreamInbox.setApart(tx, one.entry(), one.reason());
    }
  }

  /** Marks events as taken, for ever; returns the ids that were not taken before. */
  public Set<String> take(Tx tx) {
    return StreamInbox.take(tx, byId.keySet());
  }

  private static <T> T parse(String payload, Class<T> type) {
    return Json.read(payload, type);
  }
}
