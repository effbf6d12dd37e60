package io.naap.metering.ingest;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One column of an insert of many rows: its values are sent to Postgres as one array.
 *
 * @param type the Postgres type of a value
 * @param values gives the values of rows as an array
 */
record InsertColumn<T>(String name, String type, Function<List<T>, Object> values) {
  static <T> InsertColumn<T> text(String name, Function<T, String> value) {
    return new InsertColumn<>(
        name, "text", rows -> rows.stream().map(value).toArray(String[]::new));
  }

  static <T> InsertColumn<T> whole(String name, Function<T, Long> value) {
    return new InsertColumn<>(name, "int8", rows -> rows.stream().map(value).toArray(Long[]::new));
  }

  static <T> InsertColumn<T> number(String name, Function<T, Integer> value) {
    return new InsertColumn<>(
        name, "int4", rows -> rows.stream().map(value).toArray(Integer[]::new));
  }

  static <T> InsertColumn<T> flag(String name, Function<T, Boolean> value) {
    return new InsertColumn<>(
        name, "bool", rows -> rows.stream().map(value).toArray(Boolean[]::new));
  }

  static <T> InsertColumn<T> time(String name, Function<T, Instant> value) {
    return new InsertColumn<>(
        name,
        "timestamptz",
        rows ->
            rows.stream()
                .map(row -> value.apply(row).atOffset(ZoneOffset.UTC))
                .toArray(OffsetDateTime[]::new));
  }

  /** The column names, for the column list of an insert. */
  static <T> String names(List<InsertColumn<T>> columns) {
    return columns.stream().map(InsertColumn::name).collect(Collectors.joining(", "));
  }

  /** The parameters for {@code unnest(...)}: one array per column. */
  static <T> String parameters(List<InsertColumn<T>> columns) {
    List<String> parameters = new ArrayList<>();
    for (int at = 0; at < columns.size(); at++) {
      parameters.add("$" + (at + 1) + "::" + columns.get(at).type() + "[]");
    }
    return String.join(", ", parameters);
  }

  /** The values of the parameters: one array per column. */
  static <T> Object[] values(List<InsertColumn<T>> columns, List<T> rows) {
    return columns.stream().map(column -> column.values().apply(rows)).toArray();
  }
}
