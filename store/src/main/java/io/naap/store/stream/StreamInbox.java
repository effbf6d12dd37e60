package io.naap.store.stream;

import io.naap.store.Tx;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tables {@code inbox} and {@code dead_letter} of a service: the ids of the events that took
 * effect, for ever, and the entries of streams that are no events.
 */
public final class StreamInbox {
  private StreamInbox() {}

  /**
   * Records that events take effect in this transaction.
   *
   * @return the ids that were not recorded before
   */
  public static Set<String> take(Tx tx, Collection<String> eventIds) {
    if (eventIds.isEmpty()) {
      return Set.of();
    }
    return tx
        .query(
            "insert into inbox (event_id) select distinct unnest($1::text[]) order by 1"
                + " on conflict do nothing returning event_id",
            (Object) eventIds.stream().filter(Objects::nonNull).toArray(String[]::new))
        .stream()
        .map(row -> row.getString("event_id"))
        .collect(Collectors.toSet());
  }

  /** Keeps an entry that is no event: a person must look at it, and it blocks no others. */
  public static void setApart(Tx tx, StreamReader.Entry entry, String reason) {
    tx.change(
        "insert into dead_letter (stream, entry_id, payload, reason) values ($1, $2, $3, $4)"
            + " on conflict do nothing",
        entry.stream(),
        entry.id(),
        String.valueOf(entry.payload()),
        reason);
  }
}
