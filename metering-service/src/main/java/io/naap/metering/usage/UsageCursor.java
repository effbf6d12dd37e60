package io.naap.metering.usage;

import io.naap.contracts.page.Cursor;
import io.vertx.mutiny.sqlclient.Row;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The cursor of a page of sums: the values of the group columns in its last row. The next page
 * begins after them, even when rows before them were added since.
 */
public final class UsageCursor {
  private static final String BUCKET = "bucket";
  private static final String STATUS = "status";

  private UsageCursor() {}

  /** Makes the cursor after a row. */
  static String after(Row row, List<String> columns) {
    return new Cursor(
            columns.stream()
                .map(
                    column ->
                        switch (column) {
                          case BUCKET -> row.getOffsetDateTime(BUCKET).toInstant().toString();
                          case STATUS -> Integer.toString(row.getInteger(STATUS));
                          default -> row.getString(column);
                        })
                .toList())
        .write();
  }

  /** Makes the SQL condition for rows after a cursor, in the order of the columns. */
  static String where(String cursor, List<String> columns, List<Object> parameters) {
    List<Object> values = values(cursor, columns);
    int first = parameters.size() + 1;
    parameters.addAll(values);
    return " and (%s) > (%s)"
        .formatted(
            String.join(", ", columns),
            IntStream.range(first, first + columns.size())
                .mapToObj(at -> "$" + at)
                .collect(Collectors.joining(", ")));
  }

  private static List<Object> values(String cursor, List<String> columns) {
    try {
      Cursor read = Cursor.read(cursor, columns.size());
      List<Object> values = new ArrayList<>();
      for (int at = 0; at < columns.size(); at++) {
        String value = read.text(at);
        values.add(
            switch (columns.get(at)) {
              case BUCKET -> read.time(at).atOffset(ZoneOffset.UTC);
              case STATUS -> Integer.valueOf(value);
              default -> value;
            });
      }
      return values;
    } catch (NumberFormatException unreadable) {
      throw Cursor.unreadable();
    }
  }
}
