package io.naap.store.outbox;

import io.naap.contracts.events.Topics;
import io.quarkus.redis.datasource.RedisDataSource;
import io.vertx.mutiny.redis.client.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls of the outbox to Redis: each is one Lua script. */
final class OutboxStreams {
  private static final int ACKNOWLEDGEMENTS = 200;

  /**
   * Publishes many entries in their order, unless Redis has forgotten a publication: then it says
   * so and publishes nothing, because older rows must come first.
   */
  private static final String PUBLISH =
      """
      if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('GET', KEYS[1]) ~= ARGV[1] then
        return false
      end
      redis.call('INCR', KEYS[1])
      local entries = {}
      for i = 2, #KEYS do
        local row = ARGV[2 * i - 2]
        if row == '' then
          entries[i - 1] = redis.call('XADD', KEYS[i], '*', '%1$s', ARGV[2 * i - 1])
        else
          entries[i - 1] = redis.call('XADD', KEYS[i], '*', '%2$s', row, '%1$s', ARGV[2 * i - 1])
        end
      end
      return entries"""
          .formatted(Topics.FIELD, Topics.ROW);

  /** Which of these entries are not in their streams. */
  private static final String MISSING =
      """
      local missing = {}
      for i = 1, #KEYS do
        local there = false
        for _, entry in ipairs(redis.call('XRANGE', KEYS[i], ARGV[2 * i - 1], ARGV[2 * i - 1])) do
          there = entry[2][1] == '%1$s' and entry[2][2] == ARGV[2 * i]
        end
        if not there then missing[#missing + 1] = ARGV[2 * i] end
      end
      return missing"""
          .formatted(Topics.ROW);

  private static final String ACKNOWLEDGED =
      """
      local all = {}
      for i = 1, #KEYS do
        all[i] = redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', ARGV[1])
      end
      return all""";

  private final RedisDataSource redis;

  OutboxStreams(RedisDataSource redis) {
    this.redis = redis;
  }

  /**
   * One entry.
   *
   * @param row of the outbox when a consumer has to acknowledge it
   */
  record Entry(String stream, Optional<Long> row, String payload) {}

  /**
   * What consumers acknowledged.
   *
   * @param stream where it is written
   * @param id of the entry that says so
   */
  record Acknowledgement(String stream, String id, String consumer, List<Long> rows) {
    Acknowledgement {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Publishes.
   *
   * @return the ids of the entries; empty when Redis does not know the last publication: it lost
   *     data, or Postgres does not know of one that succeeded
   */
  Optional<List<String>> publish(OutboxTable.Relay relay, List<Entry> entries) {
    List<String> command = new ArrayList<>(3 * entries.size() + 4);
    command.add(PUBLISH);
    command.add(Integer.toString(entries.size() + 1));
    command.add(relay.key());
    entries.forEach(entry -> command.add(entry.stream()));
    command.add(Long.toString(relay.published()));
    for (Entry entry : entries) {
      command.add(entry.row().map(String::valueOf).orElse(""));
      command.add(entry.payload());
    }
    Response answer = redis.execute("EVAL", command.toArray(String[]::new));
    if (answer == null) {
      return Optional.empty();
    }
    List<String> ids = new ArrayList<>(entries.size());
    answer.forEach(id -> ids.add(id.toString()));
    return Optional.of(ids);
  }

  /** Sets how many publications Redis knows of. */
  void count(OutboxTable.Relay relay) {
    redis.execute("SET", relay.key(), Long.toString(relay.published()));
  }

  List<Long> missing(List<OutboxTable.Sent> sent) {
    if (sent.isEmpty()) {
      return List.of();
    }
    List<String> command = new ArrayList<>(3 * sent.size() + 2);
    command.add(MISSING);
    command.add(Integer.toString(sent.size()));
    sent.forEach(row -> command.add(row.topic()));
    for (OutboxTable.Sent row : sent) {
      command.add(row.entryId());
      command.add(Long.toString(row.id()));
    }
    List<Long> missing = new ArrayList<>();
    redis
        .execute("EVAL", command.toArray(String[]::new))
        .forEach(id -> missing.add(Long.valueOf(id.toString())));
    return missing;
  }

  List<Acknowledgement> acknowledged(Collection<String> streams) {
    if (streams.isEmpty()) {
      return List.of();
    }
    List<String> names = streams.stream().map(Topics::acknowledgements).toList();
    List<String> command = new ArrayList<>(names.size() + 3);
    command.add(ACKNOWLEDGED);
    command.add(Integer.toString(names.size()));
    command.addAll(names);
    command.add(Integer.toString(ACKNOWLEDGEMENTS));
    Response answer = redis.execute("EVAL", command.toArray(String[]::new));
    List<Acknowledgement> all = new ArrayList<>();
    for (int at = 0; at < names.size(); at++) {
      for (Response entry : answer.get(at)) {
        all.add(acknowledgement(names.get(at), entry));
      }
    }
    return all;
  }

  private static Acknowledgement acknowledgement(String stream, Response entry) {
    Map<String, String> fields = new LinkedHashMap<>();
    Response flat = entry.get(1);
    for (int at = 0; at + 1 < flat.size(); at += 2) {
      fields.put(flat.get(at).toString(), flat.get(at + 1).toString());
    }
    List<Long> rows = new ArrayList<>();
    for (String row : fields.getOrDefault(Topics.ROW, "").split(",", -1)) {
      if (row.matches("[0-9]{1,18}")) {
        rows.add(Long.valueOf(row));
      }
    }
    return new Acknowledgement(
        stream, entry.get(0).toString(), fields.getOrDefault(Topics.CONSUMER, ""), rows);
  }

  void forget(List<Acknowledgement> acknowledgements) {
    Map<String, List<String>> byStream = new LinkedHashMap<>();
    acknowledgements.forEach(
        one -> byStream.computeIfAbsent(one.stream(), ignored -> new ArrayList<>()).add(one.id()));
    byStream.forEach(
        (stream, ids) -> redis.stream(String.class).xdel(stream, ids.toArray(String[]::new)));
  }
}
