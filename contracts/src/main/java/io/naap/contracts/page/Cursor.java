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
 * The position at which a page ended: the values that its last entry is ordered by. The text form
 * is base64url of the values, separated by NUL; clients return it unchanged.
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

  /** The cursor after an entry. Each value is written with {@code toString}. */
  public static Cursor of(Object... values) {
    return new Cursor(Arrays.stream(values).map(Object::toString).toList());
  }

  /** The text form, as sent to clients. */
  public String write() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(String.join(BETWEEN, values).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Parses a cursor from its text form.
   *
   * @param count how many values the list is ordered by
   * @throws InvalidInput when the text is not a cursor, or has another number of values
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

  /**
   * The value at an index.
   *
   * @throws InvalidInput when the value does not look like one of this list
   */
  public String text(int at, Predicate<String> looksRight) {
    if (!looksRight.test(values.get(at))) {
      throw unreadable();
    }
    return values.get(at);
  }

  public String text(int at) {
    return values.get(at);
  }

  /** The value at an index as a non-negative whole number. */
  public long number(int at) {
    String value = text(at, digits -> digits.matches("[0-9]{1,18}"));
    return Long.parseLong(value);
  }

  /** The value at an index as a time. */
  public Instant time(int at) {
    try {
      return Instant.parse(values.get(at));
    } catch (DateTimeException noTime) {
      throw unreadable();
    }
  }

  /** The refusal of a cursor that this list did not issue. */
  public static InvalidInput unreadable() {
    return new InvalidInput("cursor must be the next_cursor of an earlier page of this list");
  }
}
