package io.naap.store.outbox;

import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tables {@code outbox} and {@code outbox_relay}. A row without {@code sent_at} has to be
 * published; one with it waits for the consumers in {@code awaits}.
 */
final class OutboxTable {
  /** Rows are taken until they hold so many events, or are so many. */
  static final int EVENTS = 4_000;

  private static final int ROWS = 500;

  /** The advisory lock of the relay: one replica at a time publishes, which keeps the order. */
  private static final long RELAY_LOCK = 7216;

  /** The oldest rows of each topic that is not full; a full one must not hide the others. */
  private static final String UNSENT =
      """
      with recursive topics as (
        (select topic from outbox where sent_at is null order by topic limit 1)
        union all
        select (select o.topic from outbox o where o.sent_at is null and o.topic > t.topic
          order by o.topic limit 1)
        from topics t where t.topic is not null
      ), oldest as (
        select o.id, o.events from topics t
        cross join lateral (select id, events from outbox
          where sent_at is null and topic = t.topic order by id limit %1$d) o
        where t.topic is not null and t.topic <> all($1::text[])
        order by o.id limit %1$d
      ), summed as (
        select id, events, sum(events) over (order by id) as so_far from oldest
      )
      select o.id, o.topic, o.payloads, o.awaits from outbox o join summed s using (id)
      where s.so_far - s.events < %2$d order by o.id"""
          .formatted(ROWS, EVENTS);

  private static final String SENT =
      """
      with oldest as (
        select id, topic, events, entry_id from outbox
        where sent_at is not null and sent_at <= now() - $1::bigint * interval '1 millisecond' and id > $2
        order by id limit %1$d
      ), summed as (
        select *, sum(events) over (order by id) as so_far from oldest
      )
      select id, topic, entry_id from summed where so_far - events < %2$d order by id"""
          .formatted(ROWS, EVENTS);

  private OutboxTable() {}

  /** A row that has to be published. */
  record Unsent(long id, String topic, List<String> events, boolean carriesMoney) {
    Unsent {
      events = List.copyOf(events);
    }
  }

  /**
   * A row that was published and is not acknowledged.
   *
   * @param entryId of the entry of the Redis Stream
   */
  record Sent(long id, String topic, String entryId) {}

  /**
   * Who publishes these rows.
   *
   * @param key of the counter of publications in Redis
   * @param published how often was published, as Postgres knows it
   */
  record Relay(String key, long published) {}

  /** What waits of one topic. */
  record Waiting(String topic, long events, Duration oldest) {}

  static boolean tryLock(Tx tx) {
    return tx.one("select pg_try_advisory_xact_lock($1) as mine", RELAY_LOCK)
        .orElseThrow()
        .getBoolean("mine");
  }

  static Relay relay(Tx tx) {
    Row row = tx.one("select id, published from outbox_relay").orElseThrow();
    return new Relay("naap:outbox:" + row.getString("id"), row.getLong("published"));
  }

  static List<Unsent> unsent(Tx tx, Collection<String> full) {
    return tx.query(UNSENT, (Object) full.toArray(String[]::new)).stream()
        .map(
            row ->
                new Unsent(
                    row.getLong("id"),
                    row.getString("topic"),
                    List.of(row.getArrayOfStrings("payloads")),
                    row.getArrayOfStrings("awaits").length > 0))
        .toList();
  }

  /** Remembers what was published; a row that nobody has to acknowledge is done. */
  static void published(Tx tx, List<Long> done, Map<Long, String> entries) {
    if (!done.isEmpty()) {
      tx.send("delete from outbox where id = any($1)", (Object) done.toArray(Long[]::new));
    }
    if (!entries.isEmpty()) {
      tx.send(
          "update outbox o set sent_at = now(), entry_id = w.entry"
              + " from unnest($1::bigint[], $2::text[]) w(id, entry) where o.id = w.id",
          entries.keySet().toArray(Long[]::new),
          entries.values().toArray(String[]::new));
    }
    tx.send("update outbox_relay set published = published + 1");
  }

  /** A consumer has committed these rows. */
  static void acknowledge(Tx tx, String consumer, Collection<Long> ids) {
    Long[] rows = ids.toArray(Long[]::new);
    tx.send(
        "delete from outbox where id = any($1) and awaits <> '{}' and awaits <@ array[$2]::text[]",
        rows,
        consumer);
    tx.send(
        "update outbox set awaits = array_remove(awaits, $2) where id = any($1) and $2 = any(awaits)",
        rows,
        consumer);
  }

  /** Rows published so long ago and not acknowledged, after an id, in the order of their ids. */
  static List<Sent> sent(Tx tx, Duration atLeast, long afterId) {
    return tx.query(SENT, atLeast.toMillis(), afterId).stream()
        .map(row -> new Sent(row.getLong("id"), row.getString("topic"), row.getString("entry_id")))
        .toList();
  }

  static void sendAgain(Tx tx, Collection<Long> ids) {
    tx.change(
        "update outbox set sent_at = null, entry_id = null where id = any($1)",
        (Object) ids.toArray(Long[]::new));
  }

  /** How many rows of each topic are published and not acknowledged. */
  static Map<String, Long> inFlight(Tx tx) {
    return tx
        .query("select topic, count(*) as n from outbox where sent_at is not null group by topic")
        .stream()
        .collect(Collectors.toMap(row -> row.getString("topic"), row -> row.getLong("n")));
  }

  /** What every topic that carries money still waits for. */
  static List<Waiting> waiting(Tx tx) {
    return tx
        .query(
            "select topic, sum(events)::bigint events,"
                + " (extract(epoch from now() - min(created_at)) * 1000)::bigint oldest"
                + " from outbox where awaits <> '{}' group by topic")
        .stream()
        .map(
            row ->
                new Waiting(
                    row.getString("topic"),
                    row.getLong("events"),
                    Duration.ofMillis(Math.max(0, row.getLong("oldest")))))
        .toList();
  }
}
