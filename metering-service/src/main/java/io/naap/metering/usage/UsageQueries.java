package io.naap.metering.usage;

import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads sums of usage from Postgres. Column names in the SQL come from a fixed list; values are
 * always parameters.
 */
@ApplicationScoped
class UsageQueries {
  private static final String SUMS =
      "coalesce(sum(jobs), 0)::bigint jobs, coalesce(sum(cost), 0)::bigint cost, "
          + Arrays.stream(Unit.values())
              .map(unit -> "coalesce(sum(%1$s), 0)::bigint %1$s".formatted(unit.wireName()))
              .collect(Collectors.joining(", "));

  private final Transactions transactions;

  UsageQueries(Transactions transactions) {
    this.transactions = transactions;
  }

  UsagePage usage(UsageQuestion question) {
    return transactions.run(
        tx -> question.groupBy().contains("tag") ? tags(tx, question) : usage(tx, question));
  }

  /** Reads sums by tag, which are stored by day only. A job with two tags counts for both. */
  private static UsagePage tags(Tx tx, UsageQuestion question) {
    if (question.groupBy().size() > 1 || !question.filters().areOnlyTenantAndTag()) {
      throw Refusal.invalid("group_by=tag goes with tenant_id, tag and days, and nothing else.")
          .raise();
    }
    List<Object> parameters = new ArrayList<>();
    StringBuilder where = new StringBuilder("true");
    filter(where, parameters, question.filters());
    question.filters().tag().ifPresent(tag -> add(where, parameters, "tag = ", tag));
    Instant from = question.from().truncatedTo(ChronoUnit.DAYS);
    Instant end = question.to().minusNanos(1).truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    add(where, parameters, "bucket >= ", from.atOffset(ZoneOffset.UTC));
    add(where, parameters, "bucket < ", end.atOffset(ZoneOffset.UTC));
    boolean days = "day".equals(question.granularity());
    if (!days && !"total".equals(question.granularity())) {
      throw Refusal.invalid("Tags are counted by the day.").raise();
    }
    List<String> columns = days ? List.of("bucket", "tag") : List.of("tag");
    List<Row> rows = rows(tx, "usage_tag", columns, where.toString(), parameters, question);
    UsageQuestion asked =
        new UsageQuestion(
            from,
            end,
            question.granularity(),
            List.of(),
            question.filters().withoutTag(),
            question.limit(),
            Optional.empty());
    UsageRow total =
        row(
            tx.one(
                    "select " + SUMS + " from usage_rollup where " + whereOf(asked, parameters),
                    parameters.toArray())
                .orElseThrow(),
            List.of());
    return page(asked, total, rows, columns);
  }

  /** Reads a page of rows and one more, which tells whether there is a next page. */
  private static List<Row> rows(
      Tx tx,
      String table,
      List<String> columns,
      String where,
      List<Object> parameters,
      UsageQuestion question) {
    String behind =
        question.cursor().map(cursor -> UsageCursor.where(cursor, columns, parameters)).orElse("");
    return tx.query(
        "select %1$s, %2$s from %3$s where %4$s group by %1$s order by %1$s limit %5$d"
            .formatted(
                String.join(", ", columns), SUMS, table, where + behind, question.limit() + 1),
        parameters.toArray());
  }

  private static String whereOf(UsageQuestion question, List<Object> parameters) {
    parameters.clear();
    return where(question, parameters);
  }

  private static UsagePage usage(Tx tx, UsageQuestion question) {
    List<Object> parameters = new ArrayList<>();
    String where = where(question, parameters);
    UsageRow total =
        row(
            tx.one("select " + SUMS + " from usage_rollup where " + where, parameters.toArray())
                .orElseThrow(),
            List.of());
    List<String> columns = new ArrayList<>();
    if (!"total".equals(question.granularity())) {
      columns.add("bucket");
    }
    columns.addAll(question.groupBy());
    if (columns.isEmpty()) {
      if (question.cursor().isPresent()) {
        throw Cursor.unreadable();
      }
      return new UsagePage(
          question.from(), question.to(), question.granularity(), total, List.of(total), null);
    }
    return page(
        question, total, rows(tx, "usage_rollup", columns, where, parameters, question), columns);
  }

  private static UsagePage page(
      UsageQuestion question, UsageRow total, List<Row> rows, List<String> columns) {
    boolean more = rows.size() > question.limit();
    List<Row> shown = more ? rows.subList(0, question.limit()) : rows;
    return new UsagePage(
        question.from(),
        question.to(),
        question.granularity(),
        total,
        shown.stream().map(row -> row(row, columns)).toList(),
        more ? UsageCursor.after(shown.getLast(), columns) : null);
  }

  /** The coarsest stored granularity that answers the query exactly. */
  private static String stored(UsageQuestion question) {
    if (!"total".equals(question.granularity())) {
      return question.granularity();
    }
    boolean wholeDays =
        question.from().equals(question.from().truncatedTo(ChronoUnit.DAYS))
            && question.to().equals(question.to().truncatedTo(ChronoUnit.DAYS));
    return wholeDays ? "day" : "minute";
  }

  private static String where(UsageQuestion question, List<Object> parameters) {
    if (question.filters().tag().isPresent()) {
      throw Refusal.invalid("tag goes with group_by=tag, or with the events.").raise();
    }
    StringBuilder where = new StringBuilder("true");
    add(where, parameters, "granularity = ", stored(question));
    add(where, parameters, "bucket >= ", question.from().atOffset(ZoneOffset.UTC));
    add(where, parameters, "bucket < ", question.to().atOffset(ZoneOffset.UTC));
    filter(where, parameters, question.filters());
    return where.toString();
  }

  static void filter(StringBuilder where, List<Object> parameters, UsageQuestion.Filters filters) {
    filters.tenantId().ifPresent(value -> add(where, parameters, "tenant_id = ", value));
    filters.keyId().ifPresent(value -> add(where, parameters, "key_id = ", value));
    filters.capability().ifPresent(value -> add(where, parameters, "capability = ", value));
    filters.model().ifPresent(value -> add(where, parameters, "model = ", value));
    filters.tier().ifPresent(value -> add(where, parameters, "tier = ", value));
    filters.outcome().ifPresent(value -> add(where, parameters, "outcome = ", value));
    filters.status().ifPresent(value -> add(where, parameters, "status = ", value));
  }

  static void add(StringBuilder where, List<Object> parameters, String condition, Object value) {
    add(where, parameters, condition, value, "");
  }

  static void add(
      StringBuilder where, List<Object> parameters, String condition, Object value, String after) {
    parameters.add(value);
    where.append(" and ").append(condition).append('$').append(parameters.size()).append(after);
  }

  private static UsageRow row(Row row, List<String> columns) {
    return new UsageRow(
        columns.contains("bucket") ? row.getOffsetDateTime("bucket").toInstant() : null,
        new UsageRow.Group(
            text(row, columns, "tenant_id"),
            text(row, columns, "key_id"),
            text(row, columns, "capability"),
            text(row, columns, "model"),
            text(row, columns, "tier"),
            columns.contains("status") ? row.getInteger("status") : null,
            text(row, columns, "outcome"),
            text(row, columns, "tag")),
        row.getLong("jobs"),
        Measured.of(units(row)),
        NanoUsd.ofNanos(row.getLong("cost")));
  }

  private static String text(Row row, List<String> columns, String column) {
    return columns.contains(column) ? row.getString(column) : null;
  }

  private static Units units(Row row) {
    Map<Unit, Long> amounts = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      amounts.put(unit, row.getLong(unit.wireName()));
    }
    return Units.of(amounts);
  }

  /** Returns what a key has used today, this month and in total. */
  KeyConsumption consumption(String tenantId, String keyId, Instant now) {
    LocalDate day = now.atOffset(ZoneOffset.UTC).toLocalDate();
    return transactions.run(
        tx ->
            new KeyConsumption(
                keyId,
                day,
                window(tx, tenantId, keyId, day),
                window(tx, tenantId, keyId, day.withDayOfMonth(1)),
                window(tx, tenantId, keyId, LocalDate.EPOCH)));
  }

  /** Returns what all keys of a tenant have used today, this month and in total. */
  TenantConsumption consumption(String tenantId, Instant now) {
    LocalDate day = now.atOffset(ZoneOffset.UTC).toLocalDate();
    return transactions.run(
        tx ->
            new TenantConsumption(
                tenantId,
                day,
                window(tx, tenantId, day),
                window(tx, tenantId, day.withDayOfMonth(1)),
                window(tx, tenantId, LocalDate.EPOCH)));
  }

  private static KeyConsumption.Window window(Tx tx, String tenantId, LocalDate since) {
    Row row =
        tx.one(
                "select "
                    + SUMS
                    + " from usage_rollup where tenant_id = $1"
                    + " and granularity = 'day' and bucket >= $2",
                tenantId,
                since.atStartOfDay().atOffset(ZoneOffset.UTC))
            .orElseThrow();
    return new KeyConsumption.Window(units(row), NanoUsd.ofNanos(row.getLong("cost")));
  }

  private static KeyConsumption.Window window(
      Tx tx, String tenantId, String keyId, LocalDate since) {
    Row row =
        tx.one(
                "select "
                    + SUMS
                    + " from usage_rollup where tenant_id = $1 and key_id = $2"
                    + " and granularity = 'day' and bucket >= $3",
                tenantId,
                keyId,
                since.atStartOfDay().atOffset(ZoneOffset.UTC))
            .orElseThrow();
    return new KeyConsumption.Window(units(row), NanoUsd.ofNanos(row.getLong("cost")));
  }
}
