package io.naap.contracts.text;

import io.naap.contracts.problem.InvalidInput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rules for texts that come from outside, see the package. */
public final class PlainText {
  private static final char REPLACEMENT = '\ufffd';

  private PlainText() {}

  /**
   * True for well-formed Unicode without NUL: Postgres can store it as {@code text}, and it
   * survives UTF-8 unchanged. Line ends and tabs are allowed.
   */
  public static boolean isStorable(String text) {
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
        if (!paired) {
          return false;
        }
        at++;
      }
    }
    return true;
  }

  /** True for storable text without control characters and line separators. */
  public static boolean isLine(String text) {
    return isStorable(text)
        && text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
  }

  /**
   * Checks a mandatory text of one line.
   *
   * @param name the field's name, for the error message
   * @param most the most characters
   * @throws InvalidInput when it is absent, blank, too long or has a control character
   */
  public static String line(String name, String text, int most) {
    if (text == null || text.isBlank()) {
      throw new InvalidInput(name + " must not be empty");
    }
    if (text.length() > most || !isLine(text)) {
      throw new InvalidInput(
          name + " may have at most " + most + " characters and no control characters");
    }
    return text;
  }

  /**
   * Checks a list of texts of one line; null becomes an empty list.
   *
   * @param mostEntries the most entries
   * @param most the most characters of each
   * @throws InvalidInput when there are too many, one repeats, or one is not a line
   */
  public static List<String> lines(String name, List<String> texts, int mostEntries, int most) {
    if (texts == null) {
      return List.of();
    }
    if (texts.size() > mostEntries) {
      throw new InvalidInput(name + " may have at most " + mostEntries + " entries");
    }
    texts.forEach(text -> line(name, text, most));
    if (texts.stream().distinct().count() != texts.size()) {
      throw new InvalidInput(name + " must not repeat an entry");
    }
    return List.copyOf(texts);
  }

  /**
   * A text of a refused request in a form that can be logged: shortened, with control characters
   * and surrogates replaced.
   *
   * @param most the most characters
   */
  public static String shown(String text, int most) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(most)
        .forEach(
            c -> {
              boolean plain =
                  !Character.isISOControl(c)
                      && (c < 0xd800 || c > 0xdfff)
                      && c != '\u2028'
                      && c != '\u2029';
              shown.appendCodePoint(plain ? c : REPLACEMENT);
            });
    return shown.length() > most ? shown.substring(0, most - 1) : shown.toString();
  }

  /**
   * True when a query string can be decoded unambiguously to storable text: each {@code %} is
   * followed by two hex digits, and the decoded bytes are UTF-8 without control characters other
   * than line ends and tabs (RFC 3986, section 2.1).
   *
   * @param query as sent, without the question mark; may be null
   */
  public static boolean isReadableQuery(String query) {
    if (query == null || isPlainAscii(query)) {
      return true;
    }
    ByteBuffer bytes = ByteBuffer.allocate(query.length());
    for (int at = 0; at < query.length(); at++) {
      char c = query.charAt(at);
      if (c > 0x7e || c < ' ') {
        return false;
      }
      if (c != '%') {
        bytes.put((byte) c);
        continue;
      }
      if (at + 2 >= query.length()) {
        return false;
      }
      int high = Character.digit(query.charAt(at + 1), 16);
      int low = Character.digit(query.charAt(at + 2), 16);
      if (high < 0 || low < 0) {
        return false;
      }
      bytes.put((byte) (high << 4 | low));
      at += 2;
    }
    try {
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
      return decoded
          .chars()
          .noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t');
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  private static boolean isPlainAscii(String query) {
    for (int at = 0; at < query.length(); at++) {
      char c = query.charAt(at);
      if (c == '%' || c < ' ' || c > 0x7e) {
        return false;
      }
    }
    return true;
  }
}
