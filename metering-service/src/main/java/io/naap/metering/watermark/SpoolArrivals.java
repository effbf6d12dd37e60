package io.naap.metering.watermark;

import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.store.Tx;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Records in Postgres which positions of routers' spools have arrived. */
public final class SpoolArrivals {
  private SpoolArrivals() {}

  /**
   * Records the spool positions of events as arrived, also of events that were stored before: a
   * router sends those because it has not learned that they are stored.
   */
  public static void arrive(Tx tx, List<UsageRecorded> events) {
    Map<String, TreeSet<Long>> positions = new TreeMap<>();
    for (UsageRecorded event : events) {
      if (event.spoolPosition() > 0) {
        positions
            .computeIfAbsent(event.instance(), instance -> new TreeSet<>())
            .add(event.spoolPosition());
      }
    }
    if (positions.isEmpty()) {
      return;
    }
    tx.send(
        "insert into spool_arrival (instance, positions)"
            + " select instance, ranges::int8multirange from unnest($1::text[], $2::text[]) t(instance, ranges)",
        positions.keySet().toArray(String[]::new),
        positions.values().stream().map(SpoolArrivals::ranges).toArray(String[]::new));
  }

  /**
   * Records ranges that routers declared missing, and returns those that are new. Every range is
   * recorded as arrived, also a repeated one, so that the router's watermark passes it. An event of
   * such a range that arrives later is stored like any other.
   */
  public static List<UsageMissing> declare(Tx tx, List<UsageMissing> ranges) {
    List<UsageMissing> fresh = new ArrayList<>();
    for (UsageMissing one : ranges) {
      int rows =
          tx.change(
              """
              insert into usage_missing (instance, missing_from, missing_to, reason, found_at)
              values ($1, $2, $3, $4, $5) on conflict do nothing""",
              one.instance(),
              one.missingFrom(),
              one.missingTo(),
              one.reason(),
              one.foundAt().atOffset(ZoneOffset.UTC));
      tx.change(
          "insert into spool_arrival (instance, positions) values ($1, int8multirange(int8range($2, $3, '[]')))",
          one.instance(),
          one.missingFrom(),
          one.missingTo());
      if (rows > 0) {
        fresh.add(one);
      }
    }
    return fresh;
  }

  private static String ranges(SortedSet<Long> positions) {
    StringBuilder ranges = new StringBuilder("{");
    long from = positions.first();
    long before = from;
    for (long position : positions.tailSet(from + 1)) {
      if (position != before + 1) {
        ranges.append('[').append(from).append(',').append(before).append("],");
        from = position;
      }
      before = position;
    }
    return ranges.append('[').append(from).append(',').append(before).append("]}").toString();
  }
}
