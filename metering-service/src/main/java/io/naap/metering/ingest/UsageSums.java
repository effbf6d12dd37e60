package io.naap.metering.ingest;

import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.store.Tx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Adds usage events and their reversals to their sums in Postgres: by minute, hour and day, and by
 * tag and day. No other class changes these sums.
 */
public final class UsageSums {
  private static final List<Unit> UNITS = List.of(Unit.values());

  private static final String UNIT_COLUMNS =
      UNITS.stream().map(Unit::wireName).collect(Collectors.joining(", "));

  private static final List<InsertColumn<Map.Entry<Group, Sum>>> ROLLUP = rollup();

  private static final String COUNT =
      ("insert into usage_rollup (%1$s) select * from unnest(%2$s) on conflict (tenant_id,"
              + " granularity, bucket, key_id, capability, model, tier, status, outcome, late) do"
              + " update set %3$s")
          .formatted(
              InsertColumn.names(ROLLUP),
              InsertColumn.parameters(ROLLUP),
              ROLLUP.stream()
                  .skip(10)
                  .map(
                      column -> "%1$s = usage_rollup.%1$s + excluded.%1$s".formatted(column.name()))
                  .collect(Collectors.joining(", ")));

  private UsageSums() {}

  /**
   * What one stored event adds to the sums.
   *
   * @param late where the event is billed: after its period was closed
   * @param sign 1 for an event, -1 for the reversal of one
   * @param isOwnJob false for an event that replaces another, and for the reversal of one that is
   *     replaced: together they count as the job of the replaced event
   * @param networkCost the operator's cost by the cost book, in nano-dollars; 0 when not known
   */
  public record Counted(
      UsageRecorded event,
      boolean late,
      int sign,
      boolean isOwnJob,
      long cost,
      long sponsored,
      long waived,
      long networkCost) {
    static Counted of(StoredRow one) {
      return new Counted(
          one.event(),
          one.late(),
          1,
          one.corrects() == null,
          one.metered().amount().nanos(),
          one.sponsored(),
          one.metered().waived().nanos(),
          one.networkCost() == null ? 0 : one.networkCost());
    }

    /** A live stream is one job in many events: only the first event counts it. */
    long jobs() {
      return event.sequence() == 0 && isOwnJob ? sign : 0;
    }
  }

  /**
   * The columns a sum is grouped by, except time. It is created once for each event and keeps its
   * hash.
   */
  private static final class Kind implements Comparable<Kind> {
    private final String tenantId;
    private final String keyId;
    private final String capability;
    private final String model;
    private final String tier;
    private final int status;
    private final JobOutcome outcome;
    private final boolean late;
    private final int hash;

    Kind(Counted one) {
      UsageRecorded event = one.event();
      tenantId = event.tenantId();
      keyId = event.keyId();
      capability = event.capability();
      model = event.model();
      tier = event.tier();
      status = event.status();
      outcome = event.outcome();
      late = one.late();
      // Ids that differ in few digits have hashes that differ in few bits: the multiplications
      // spread them over all bits.
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
   * The key of one row of sums. Every transaction writes rows in this order, so that two
   * transactions cannot deadlock.
   *
   * @param granularity minute, hour or day; sorted by name
   * @param second the start of the minute, hour or day, in seconds since 1970 UTC
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

  /** Declared in alphabetical order, which is the order in which SQL sorts them. */
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

  /** The sums of one group, in the order of the columns of {@code usage_rollup} after its key. */
  private static final class Sum {
    private static final int JOBS = 0;
    private static final int EVENTS = 1;
    private static final int FIRST_UNIT = 2;
    private static final int COST = FIRST_UNIT + UNITS.size();
    private final long[] amounts = new long[COST + 4];

    void add(Counted one) {
      amounts[JOBS] += one.jobs();
      amounts[EVENTS]++;
      Units units = one.event().units();
      for (int at = 0; at < UNITS.size(); at++) {
        add(FIRST_UNIT + at, one.sign() * units.get(UNITS.get(at)));
      }
      add(COST, one.sign() * one.cost());
      add(COST + 1, one.sign() * one.sponsored());
      add(COST + 2, one.sign() * one.waived());
      amounts[COST + 3] += one.sign() * one.networkCost();
    }

    private void add(int at, long amount) {
      amounts[at] = Math.addExact(amounts[at], amount);
    }

    void add(Sum other) {
      for (int at = 0; at < amounts.length; at++) {
        add(at, other.amounts[at]);
      }
    }
  }

  private static List<InsertColumn<Map.Entry<Group, Sum>>> rollup() {
    List<InsertColumn<Map.Entry<Group, Sum>>> columns =
        new ArrayList<>(
            List.of(
                InsertColumn.text("granularity", row -> row.getKey().granularity.wireName),
                InsertColumn.time("bucket", row -> Instant.ofEpochSecond(row.getKey().second)),
                InsertColumn.text("tenant_id", row -> row.getKey().kind.tenantId),
                InsertColumn.text("key_id", row -> row.getKey().kind.keyId),
                InsertColumn.text("capability", row -> row.getKey().kind.capability),
                InsertColumn.text("model", row -> row.getKey().kind.model),
                InsertColumn.text("tier", row -> row.getKey().kind.tier),
                InsertColumn.number("status", row -> row.getKey().kind.status),
                InsertColumn.text("outcome", row -> row.getKey().kind.outcome.word()),
                InsertColumn.flag("late", row -> row.getKey().kind.late)));
    String names = "jobs, events, " + UNIT_COLUMNS + ", cost, sponsored, waived, network_cost";
    int at = 0;
    for (String name : names.split(", ", -1)) {
      int index = at++;
      columns.add(InsertColumn.whole(name, row -> row.getValue().amounts[index]));
    }
    return List.copyOf(columns);
  }

  /** Adds events to the sums of their minute, hour and day, and to those of their tags and day. */
  public static void count(Tx tx, List<Counted> counted) {
    if (counted.isEmpty()) {
      return;
    }
    Map<Group, Sum> minutes = new HashMap<>();
    for (Counted one : counted) {
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
    tx.send(COUNT, InsertColumn.values(ROLLUP, rows));
    countTags(tx, counted);
  }

  private record TagDay(String tenantId, Instant day, String tag) {
    static final Comparator<TagDay> ORDER =
        Comparator.comparing(TagDay::tenantId)
            .thenComparing(TagDay::day)
            .thenComparing(TagDay::tag);
  }

  private static void countTags(Tx tx, List<Counted> counted) {
    Map<TagDay, Sum> tags = new TreeMap<>(TagDay.ORDER);
    for (Counted one : counted) {
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
    List<InsertColumn<Map.Entry<TagDay, Sum>>> columns =
        new ArrayList<>(
            List.of(
                InsertColumn.text("tenant_id", row -> row.getKey().tenantId()),
                InsertColumn.time("bucket", row -> row.getKey().day()),
                InsertColumn.text("tag", row -> row.getKey().tag()),
                InsertColumn.whole("jobs", row -> row.getValue().amounts[Sum.JOBS])));
    for (int at = 0; at < UNITS.size(); at++) {
      int index = Sum.FIRST_UNIT + at;
      columns.add(
          InsertColumn.whole(UNITS.get(at).wireName(), row -> row.getValue().amounts[index]));
    }
    columns.add(InsertColumn.whole("cost", row -> row.getValue().amounts[Sum.COST]));
    tx.send(
        "insert into usage_tag (%1$s) select * from unnest(%2$s) on conflict (tenant_id, bucket, tag) do update set %3$s"
            .formatted(
                InsertColumn.names(columns),
                InsertColumn.parameters(columns),
                columns.stream()
                    .skip(3)
                    .map(column -> "%1$s = usage_tag.%1$s + excluded.%1$s".formatted(column.name()))
                    .collect(Collectors.joining(", "))),
        InsertColumn.values(columns, rows));
  }
}
