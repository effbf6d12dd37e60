package io.naap.metering.ingest;

import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.store.stream.StreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The parsed contents of entries of a usage stream.
 *
 * @param missing ranges of spool positions that routers declare missing
 * @param unreadable what is neither an event nor such a range
 */
record UsageEntries(
    List<UsageRecorded> events, List<UsageMissing> missing, List<Unreadable> unreadable) {
  UsageEntries {
    events = List.copyOf(events);
    missing = List.copyOf(missing);
    unreadable = List.copyOf(unreadable);
  }

  /** An entry, or one event of an entry, that cannot be read as usage. */
  record Unreadable(StreamReader.Entry entry, String reason) {}

  static UsageEntries read(List<StreamReader.Entry> entries) {
    List<UsageRecorded> events = new ArrayList<>(entries.size());
    List<UsageMissing> missing = new ArrayList<>();
    List<Unreadable> unreadable = new ArrayList<>();
    for (StreamReader.Entry entry : entries) {
      Optional<List<UsageRecorded>> usual =
          entry.payload() == null ? Optional.empty() : UsageText.read(entry.payload());
      if (usual.isPresent()) {
        events.addAll(usual.get());
      } else {
        parts(entry).forEach(one -> read(one, events, missing, unreadable));
      }
    }
    return new UsageEntries(events, missing, unreadable);
  }

  private static void read(
      StreamReader.Entry one,
      List<UsageRecorded> events,
      List<UsageMissing> missing,
      List<Unreadable> unreadable) {
    Optional<UsageMissing> declared = UsageReader.missing(one.payload());
    if (declared.isPresent()) {
      missing.add(declared.get());
      return;
    }
    try {
      events.add(UsageReader.read(one.payload()));
    } catch (IllegalArgumentException notUsage) {
      unreadable.add(new Unreadable(one, String.valueOf(notUsage.getMessage())));
    }
  }

  /**
   * Splits an entry into its events, each with its own id, so that each one that cannot be read
   * becomes a dead letter of its own.
   */
  private static List<StreamReader.Entry> parts(StreamReader.Entry entry) {
    if (entry.payload() == null) {
      return List.of(entry);
    }
    try {
      List<String> events = UsageEntry.events(entry.payload());
      return IntStream.range(0, events.size())
          .mapToObj(
              at ->
                  new StreamReader.Entry(
                      entry.stream(),
                      events.size() == 1 ? entry.id() : entry.id() + "/" + at,
                      events.get(at)))
          .toList();
    } catch (IllegalArgumentException unreadable) {
      return List.of(entry);
    }
  }
}
