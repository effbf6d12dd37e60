package io.naap.metering.usage;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.naap.contracts.json.Json;
import io.vertx.mutiny.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where a page of sums ended: the values its last row was grouped by. The next page begins behind
 * them, whatever was added before them since.
 */
public final class UsageCursor {
  private static final String BUCKET = "bucket";
  private static final String STATUS = "status";
  private static final int MAX_LENGTH = 4_000;

  private UsageCursor() {}

  /** The values as they are written. */
  public record Values(List<String> values) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public Values {
      values = List.copyOf(values);
    }
  }

  /** The cursor behind a row. */
  static String after(Row row, List<String> columns) {
    Values values =
        new Values(
            columns.stream()
                .map(
                    column ->
                        switch (column) {
                          case BUCKET -> row.getOffsetDateTime(BUCKET).toInstant().toString();
                          case STATUS -> Integer.toString(row.getInteger(STATUS));
                          default -> row.getString(column);
                        })
                .toList());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text(values).getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Values values) {
    return Json.write(values);
  }

  /** Restricts a query to what is behind a cursor, in the order of its columns. */
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
      if (cursor.length() > MAX_LENGTH) {
        throw UsageQuestion.badCursor();
      }
      List<String> written =
          Json.read(
                  new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8),
                  Values.class)
              .values();
      if (written.size() != columns.size()) {
        throw UsageQuestion.badCursor();
      }
      List<Object> values = new ArrayList<>();
      for (int at = 0; at < columns.size(); at++) {
        String value = written.get(at);
        if (value.indexOf('\0') >= 0) {
          throw UsageQuestion.badCursor();
        }
        values.add(
            switch (columns.get(at)) {
              case BUCKET -> OffsetDateTime.parse(value);
              case STATUS -> Integer.valueOf(value);
              default -> value;
            });
      }
      return values;
    } catch (IllegalArgumentException | NullPointerException | DateTimeException unreadable) {
      throw UsageQuestion.badCursor();
    }
  }
}
