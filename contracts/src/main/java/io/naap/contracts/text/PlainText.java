package io.naap.contracts.text;

import io.naap.contracts.problem.InvalidInput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whether a text may be stored and passed on; see the package. */
public final class PlainText {
  private static final char REPLACEMENT = '\ufffd';

  private PlainText() {}

  /**
   * True for well-formed Unicode without NUL: what Postgres can hold as {@code text} and what comes
   * back unchanged from UTF-8. Longer texts may have line ends and tabs.
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

  /** True for a storable text of one line: no control characters and no line separators. */
  public static boolean isLine(String text) {
    return isStorable(text)
        && text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
  }

  /**
   * A text of one line that is there.
   *
   * @param name what the caller calls it
   * @param most characters
   * @throws InvalidInput when it is absent, blank, too long or no line
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
   * A list of such texts, each once; absent is empty.
   *
   * @param mostEntries of the list
   * @param most characters of each
   * @throws InvalidInput when it is not
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
   * A text of a request that was refused, as a log may hold it: shortened, and what is no plain
   * text replaced.
   *
   * @param most characters
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
   * True when a query string can be read in one way and holds only storable text: each {@code %} is
   * followed by two hex digits, and the bytes are UTF-8 without control characters other than line
   * ends and tabs (RFC 3986, section 2.1).
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
