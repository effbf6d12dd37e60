package io.naap.metering.ingest;

import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Usage events and their sums in Postgres. Hand-written SQL: a batch is a handful of statements,
 * whatever its size, each taking its rows as arrays.
 */
@ApplicationScoped
public class UsageStore {
  /** Between tags, which are printable. */
  private static final String SEPARATOR = "\u001f";

  private static final List<Unit> UNITS = List.of(Unit.values());

  private static final String UNIT_COLUMNS =
      UNITS.stream().map(Unit::wireName).collect(Collectors.joining(", "));

  /** The columns of an insert, in the order of its arrays. */
  private static final List<Column<StoredRow>> EVENT =
      List.of(
          Column.text("event_id", StoredRow::eventId),
          Column.whole("spool_position", one -> one.event().spoolPosition()),
          Column.time("opened_at", one -> one.event().openedAt()),
          Column.time("occurred_at", one -> one.event().occurredAt()),
          Column.time("received_at", StoredRow::receivedAt),
          Column.whole("requests", one -> one.event().units().get(Unit.REQUESTS)),
          Column.whole("pixels", one -> one.event().units().get(Unit.PIXELS)),
          Column.whole("generations", one -> one.event().units().get(Unit.GENERATIONS)),
          Column.whole("tokens_in", one -> one.event().units().get(Unit.TOKENS_IN)),
          Column.whole("tokens_out", one -> one.event().units().get(Unit.TOKENS_OUT)),
          Column.whole("milliseconds", one -> one.event().units().get(Unit.MILLISECONDS)),
          Column.whole("characters", one -> one.event().units().get(Unit.CHARACTERS)),
          Column.whole("cost", one -> one.metered().amount().nanos()),
          Column.whole("sponsored", StoredRow::sponsored),
          Column.whole("waived", one -> one.metered().waived().nanos()),
          Column.whole("estimated_cost", one -> one.event().estimatedCost().nanos()),
          Column.whole("network_cost", StoredRow::networkCost),
          Column.whole("latency_millis", one -> one.event().latencyMillis()),
          Column.number("sequence", one -> one.event().sequence()),
          Column.number("status", one -> one.event().status()),
          Column.text("tenant_id", one -> one.event().tenantId()),
          Column.text("key_id", one -> one.event().keyId()),
          Column.text("capability", one -> one.event().capability()),
          Column.text("model", one -> one.event().model()),
          Column.text("tier", one -> one.event().tier()),
          Column.text("pool", one -> one.event().pool()),
          Column.text("gateway", one -> one.event().gateway()),
          Column.text("instance", one -> one.event().instance()),
          Column.text("outcome", one -> one.event().outcome()),
          Column.text("plan", one -> one.event().plan()),
          Column.text("state", StoredRow::state),
          Column.flag("late", StoredRow::late),
          Column.text("reason", StoredRow::reason),
          Column.text("budget_id", StoredRow::budgetId),
          Column.text("funding_id", one -> one.event().fundingId().orElse(null)),
          Column.text("corrects", StoredRow::corrects),
          Column.text("tags", one -> String.join(SEPARATOR, one.event().tags())),
          Column.text("position", StoredRow::position),
          Column.text("payload", StoredRow::payload));

  private static final String INSERT =
      "insert into usage_event (%1$s) select %2$s from unnest(%3$s) as t(%1$s) on conflict (event_id) do nothing returning event_id"
          .formatted(
              names(EVENT),
              names(EVENT)
                  .replace("tags", "string_to_array(tags, E'\\x1f')")
                  .replace(", position", ", position::jsonb"),
              parameters(EVENT));

  private static final List<Column<Map.Entry<Group, Sum>>> ROLLUP = rollup();

  private static final String COUNT =
      ("insert into usage_rollup (%1$s) select * from unnest(%2$s)"
              + " on conflict (tenant_id, granularity, bucket, key_id, capability, model, tier, status, outcome, late)"
              + " do update set %3$s")
          .formatted(
              names(ROLLUP),
              parameters(ROLLUP),
              ROLLUP.stream()
                  .skip(10)
                  .map(
                      column -> "%1$s = usage_rollup.%1$s + excluded.%1$s".formatted(column.name()))
                  .collect(Collectors.joining(", ")));

  /** One column of an insert: its name, its type and its values. */
  private record Column<T>(String name, String type, Function<List<T>, Object> values) {
    static <T> Column<T> text(String name, Function<T, String> value) {
      return new Column<>(name, "text", rows -> rows.stream().map(value).toArray(String[]::new));
    }

    static <T> Column<T> whole(String name, Function<T, Long> value) {
      return new Column<>(name, "int8", rows -> rows.stream().map(value).toArray(Long[]::new));
    }

    static <T> Column<T> number(String name, Function<T, Integer> value) {
      return new Column<>(name, "int4", rows -> rows.stream().map(value).toArray(Integer[]::new));
    }

    static <T> Column<T> flag(String name, Function<T, Boolean> value) {
      return new Column<>(name, "bool", rows -> rows.stream().map(value).toArray(Boolean[]::new));
    }

    static <T> Column<T> time(String name, Function<T, Instant> value) {
      return new Column<>(
          name,
          "timestamptz",
          rows ->
              rows.stream()
                  .map(row -> value.apply(row).atOffset(ZoneOffset.UTC))
                  .toArray(OffsetDateTime[]::new));
    }
  }

  private static <T> String names(List<Column<T>> columns) {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }

  private static <T> String parameters(List<Column<T>> columns) {
    List<String> parameters = new ArrayList<>();
    for (int at = 0; at < columns.size(); at++) {
      parameters.add("$" + (at + 1) + "::" + columns.get(at).type() + "[]");
    }
    return String.join(", ", parameters);
  }

  private static <T> Object[] values(List<Column<T>> columns, List<T> rows) {
    return columns.stream().map(column -> column.values().apply(rows)).toArray();
  }

  /** Stores the events that are new and says which those are. */
  public Set<String> insert(Tx tx, List<StoredRow> batch) {
    Set<String> fresh = new HashSet<>();
    tx.query(INSERT, values(EVENT, batch)).forEach(row -> fresh.add(row.getString(0)));
    return fresh;
  }

  /** Which of the events are stored already. */
  Set<String> known(Tx tx, Collection<String> eventIds) {
    return tx
        .query(
            "select event_id from usage_event where event_id = any($1)",
            (Object) eventIds.toArray(String[]::new))
        .stream()
        .map(row -> row.getString(0))
        .collect(Collectors.toSet());
  }

  /** What a sum is by, time aside; made once an event, so its hash is kept. */
  private static final class Kind implements Comparable<Kind> {
    private final String tenantId;
    private final String keyId;
    private final String capability;
    private final String model;
    private final String tier;
    private final int status;
    private final String outcome;
    private final boolean late;
    private final int hash;

    Kind(StoredRow one) {
      UsageRecorded event = one.event();
      tenantId = event.tenantId();
      keyId = event.keyId();
      capability = event.capability();
      model = event.model();
      tier = event.tier();
      status = event.status();
      outcome = event.outcome();
      late = one.late();
      // Ids that differ in few digits have hashes that differ in few bits: spread them.
      long mixed = tenantId.hashCode() * 0x9e3779b97f4a7c15L;
      mixed = (mixed ^ keyId.hashCode()) * 0xbf58476d1ce4e5b9L;
      mixed = (mixed ^ capability.hashCode()) * 0x94d049bb133111ebL;
      mixed = (mixed ^ model.hashCode()) * 0x9e3779b97f4a7c15L;
      mixed = (mixed ^ (status * 2L + (late ? 1 : 0))) * 0xbf58476d1ce4e5b9L;
      hash = (int) (mixed >>> 32);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Kind kind && hash == kind.hash && compareTo(kind) == 0;
    }

    @Override
    public int compareTo(Kind other) {
      int order = tenantId.compareTo(other.tenantId);
      order = order != 0 ? order : keyId.compareTo(other.keyId);
      order = order != 0 ? order : capability.compareTo(other.capability);
      order = order != 0 ? order : model.compareTo(other.model);
      order = order != 0 ? order : tier.compareTo(other.tier);
      order = order != 0 ? order : Integer.compare(status, other.status);
      order = order != 0 ? order : outcome.compareTo(other.outcome);
      return order != 0 ? order : Boolean.compare(late, other.late);
    }
  }

  /**
   * One row of sums. The order is the same in every transaction, so that two of them never wait for
   * each other in a circle.
   *
   * @param granularity in the order of the names
   * @param second when its time begins
   */
  private record Group(Granularity granularity, Kind kind, long second)
      implements Comparable<Group> {
    @Override
    public int hashCode() {
      return kind.hash * 31 + (int) (second / 60) * 0x9e3779b1 + granularity.seconds;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Group group
          && second == group.second
          && granularity == group.granularity
          && kind.equals(group.kind);
    }

    @Override
    public int compareTo(Group other) {
      int order = granularity.compareTo(other.granularity);
      order = order != 0 ? order : kind.compareTo(other.kind);
      return order != 0 ? order : Long.compare(second, other.second);
    }

    Group coarser(Granularity coarse) {
      return new Group(coarse, kind, Math.floorDiv(second, coarse.seconds) * coarse.seconds);
    }
  }

  /** In the order of their names, as SQL sorts them. */
  private enum Granularity {
    DAY("day", 86_400),
    HOUR("hour", 3_600),
    MINUTE("minute", 60);

    private final String wireName;
    private final int seconds;

    Granularity(String wireName, int seconds) {
      this.wireName = wireName;
      this.seconds = seconds;
    }
  }

  /** Sums of one group, in the order of the rollup's columns after its key. */
  private static final class Sum {
    private static final int JOBS = 0;
    private static final int EVENTS = 1;
    private static final int FIRST_UNIT = 2;
    private static final int COST = FIRST_UNIT + UNITS.size();
    private final long[] amounts = new long[COST + 4];

    void add(StoredRow one) {
      // A live stream is one job, however many segments it is recorded in.
      amounts[JOBS] += one.event().sequence() == 0 && one.corrects() == null ? 1 : 0;
      amounts[EVENTS]++;
      Units units = one.event().units();
      for (int at = 0; at < UNITS.size(); at++) {
        amounts[FIRST_UNIT + at] =
            Math.addExact(amounts[FIRST_UNIT + at], units.get(UNITS.get(at)));
      }
      amounts[COST] = Math.addExact(amounts[COST], one.metered().amount().nanos());
      amounts[COST + 1] = Math.addExact(amounts[COST + 1], one.sponsored());
      amounts[COST + 2] = Math.addExact(amounts[COST + 2], one.metered().waived().nanos());
      amounts[COST + 3] += one.networkCost() == null ? 0 : one.networkCost();
    }

    void add(Sum other) {
      for (int at = 0; at < amounts.length; at++) {
        amounts[at] = Math.addExact(amounts[at], other.amounts[at]);
      }
    }
  }

  private static List<Column<Map.Entry<Group, Sum>>> rollup() {
    List<Column<Map.Entry<Group, Sum>>> columns =
        new ArrayList<>(
            List.of(
                Column.text("granularity", row -> row.getKey().granularity.wireName),
                Column.time("bucket", row -> Instant.ofEpochSecond(row.getKey().second)),
                Column.text("tenant_id", row -> row.getKey().kind.tenantId),
                Column.text("key_id", row -> row.getKey().kind.keyId),
                Column.text("capability", row -> row.getKey().kind.capability),
                Column.text("model", row -> row.getKey().kind.model),
                Column.text("tier", row -> row.getKey().kind.tier),
                Column.number("status", row -> row.getKey().kind.status),
                Column.text("outcome", row -> row.getKey().kind.outcome),
                Column.flag("late", row -> row.getKey().kind.late)));
    String names = "jobs, events, " + UNIT_COLUMNS + ", cost, sponsored, waived, network_cost";
    int at = 0;
    for (String name : names.split(", ", -1)) {
      int index = at++;
      columns.add(Column.whole(name, row -> row.getValue().amounts[index]));
    }
    return List.copyOf(columns);
  }

  /** Adds events to their minute, hour and day, and to the days of their tags. */
  void count(Tx tx, List<StoredRow> stored) {
    if (stored.isEmpty()) {
      return;
    }
    Map<Group, Sum> minutes = new HashMap<>();
    for (StoredRow one : stored) {
      long second = one.event().occurredAt().getEpochSecond();
      minutes
          .computeIfAbsent(
              new Group(Granularity.MINUTE, new Kind(one), Math.floorDiv(second, 60) * 60),
              group -> new Sum())
          .add(one);
    }
    Map<Group, Sum> sums = new HashMap<>(minutes);
    minutes.forEach(
        (group, sum) -> {
          sums.computeIfAbsent(group.coarser(Granularity.HOUR), coarse -> new Sum()).add(sum);
          sums.computeIfAbsent(group.coarser(Granularity.DAY), coarse -> new Sum()).add(sum);
        });
    List<Map.Entry<Group, Sum>> rows = new ArrayList<>(sums.entrySet());
    rows.sort(Map.Entry.comparingByKey());
    tx.send(COUNT, values(ROLLUP, rows));
    countTags(tx, stored);
  }

  private record TagDay(String tenantId, Instant day, String tag) {
    static final Comparator<TagDay> ORDER =
        Comparator.comparing(TagDay::tenantId)
            .thenComparing(TagDay::day)
            .thenComparing(TagDay::tag);
  }

  private static void countTags(Tx tx, List<StoredRow> stored) {
    Map<TagDay, Sum> tags = new TreeMap<>(TagDay.ORDER);
    for (StoredRow one : stored) {
      for (String tag : new TreeSet<>(one.event().tags())) {
        tags.computeIfAbsent(
                new TagDay(
                    one.event().tenantId(),
                    one.event().occurredAt().truncatedTo(ChronoUnit.DAYS),
                    tag),
                key -> new Sum())
            .add(one);
      }
    }
    if (tags.isEmpty()) {
      return;
    }
    List<Map.Entry<TagDay, Sum>> rows = List.copyOf(tags.entrySet());
    List<Column<Map.Entry<TagDay, Sum>>> columns =
        new ArrayList<>(
            List.of(
                Column.text("tenant_id", row -> row.getKey().tenantId()),
                Column.time("bucket", row -> row.getKey().day()),
                Column.text("tag", row -> row.getKey().tag()),
                Column.whole("jobs", row -> row.getValue().amounts[Sum.JOBS])));
    for (int at = 0; at < UNITS.size(); at++) {
      int index = Sum.FIRST_UNIT + at;
      columns.add(Column.whole(UNITS.get(at).wireName(), row -> row.getValue().amounts[index]));
    }
    columns.add(Column.whole("cost", row -> row.getValue().amounts[Sum.COST]));
    tx.send(
        "insert into usage_tag (%1$s) select * from unnest(%2$s) on conflict (tenant_id, bucket, tag) do update set %3$s"
            .formatted(
                names(columns),
                parameters(columns),
                columns.stream()
                    .skip(3)
                    .map(column -> "%1$s = usage_tag.%1$s + excluded.%1$s".formatted(column.name()))
                    .collect(Collectors.joining(", "))),
        values(columns, rows));
  }

  /** Events that came after their period was closed wait for the next invoice. */
  void adjust(Tx tx, List<StoredRow> late) {
    if (late.isEmpty()) {
      return;
    }
    List<Column<StoredRow>> columns =
        List.of(
            Column.text("event_id", StoredRow::eventId),
            Column.text("tenant_id", one -> one.event().tenantId()),
            Column.time("occurred_at", one -> one.event().occurredAt()),
            Column.text("key_id", one -> one.event().keyId()),
            Column.text("capability", one -> one.event().capability()),
            Column.text("model", one -> one.event().model()),
            Column.whole("cost", one -> one.metered().amount().nanos()));
    tx.send(
        "insert into adjustment (%1$s) select * from unnest(%2$s)"
            .formatted(names(columns), parameters(columns)),
        values(columns, late));
  }

  /** Notes which spool positions have arrived, repeated ones included: their router asks again. */
  void arrive(Tx tx, List<UsageRecorded> events) {
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
        positions.values().stream().map(UsageStore::ranges).toArray(String[]::new));
  }

  /**
   * Notes ranges that nothing will come from, as arrived, and gives those that are new. All are
   * noted as arrived: their router asks again. Whatever comes from them after all is stored like
   * any other event.
   */
  List<UsageMissing> declare(Tx tx, List<UsageMissing> ranges) {
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
