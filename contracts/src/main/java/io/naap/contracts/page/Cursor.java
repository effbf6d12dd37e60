package io.naap.contracts.page;

import io.naap.contracts.json.Utf8;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.text.PlainText;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;

/**
 * Where a page ended: the values that its last entry is ordered by. Written as base64url of the
 * values with a NUL between them; clients send it back as they got it.
 */
public record Cursor(List<String> values) {
  private static final int MOST_CHARACTERS = 4_000;
  private static final String BETWEEN = "\0";

  public Cursor {
    values = List.copyOf(values);
    if (values.isEmpty() || !values.stream().allMatch(PlainText::isStorable)) {
      throw new IllegalArgumentException("a cursor holds one or more texts without NUL");
    }
  }

  /** The cursor behind an entry. Each value is written as its {@code toString}. */
  public static Cursor of(Object... values) {
    return new Cursor(Arrays.stream(values).map(Object::toString).toList());
  }

  /** As it is sent. */
  public String write() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(String.join(BETWEEN, values).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a cursor that {@link #write} wrote.
   *
   * @param count of values that the list is ordered by
   * @throws InvalidInput when it is none, or one of another list
   */
  public static Cursor read(String text, int count) {
    if (text.length() > MOST_CHARACTERS) {
      throw unreadable();
    }
    byte[] bytes = decode(text);
    if (!Utf8.isWellFormed(bytes)) {
      throw unreadable();
    }
    String[] values = new String(bytes, StandardCharsets.UTF_8).split(BETWEEN, -1);
    if (values.length != count) {
      throw unreadable();
    }
    return new Cursor(List.of(values));
  }

  private static byte[] decode(String text) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException noBase64) {
      throw unreadable();
    }
  }

  /** A value that must look as this list's values look. */
  public String text(int at, Predicate<String> looksRight) {
    if (!looksRight.test(values.get(at))) {
      throw unreadable();
    }
    return values.get(at);
  }

  public String text(int at) {
    return values.get(at);
  }

  /** A value that is a whole number, not negative. */
  public long number(int at) {
    String value = text(at, digits -> digits.matches("[0-9]{1,18}"));
    return Long.parseLong(value);
  }

  /** A value that is a time. */
  public Instant time(int at) {
    try {
      return Instant.parse(values.get(at));
    } catch (DateTimeException noTime) {
      throw unreadable();
    }
  }

  /** For what the list itself finds wrong with a cursor. */
  public static InvalidInput unreadable() {
    return new InvalidInput("cursor must be the next_cursor of an earlier page of this list");
  }
}
