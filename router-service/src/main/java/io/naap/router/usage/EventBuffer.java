package io.naap.router.usage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Events as JSON, in the order of the spool, until they are written. Guarded by its owner. */
final class EventBuffer {
  private static final int USUAL_BYTES = 64 * 1024;

  private final List<Event> events = new ArrayList<>();
  private byte[] json = new byte[USUAL_BYTES];
  private int length;

  /** An event in {@code json}. */
  private record Event(int shard, int from, int length) {}

  void add(int shard, byte[] event, int size) {
    if (length + size > json.length) {
      json = Arrays.copyOf(json, 2 * (length + size));
    }
    System.arraycopy(event, 0, json, length, size);
    events.add(new Event(shard, length, size));
    length += size;
  }

  /** Adds all of another buffer. */
  void addAll(EventBuffer other) {
    for (Event event : other.events) {
      add(
          event.shard,
          Arrays.copyOfRange(other.json, event.from, event.from + event.length),
          event.length);
    }
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  /** Adds the events to the batch of their shard. */
  void addTo(StreamBatch[] shards) {
    for (Event event : events) {
      shards[event.shard].add(json, event.from, event.length);
    }
  }

  void clear() {
    events.clear();
    length = 0;
    if (json.length > USUAL_BYTES) {
      json = new byte[USUAL_BYTES];
    }
  }
}
