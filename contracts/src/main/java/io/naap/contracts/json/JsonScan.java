package io.naap.contracts.json;

/**
 * Checks a JSON text before it is parsed: it must be UTF-8 (no byte order mark, no UTF-16), its
 * escapes must not contain an unpaired surrogate, and it must be within the limits. One pass, with
 * no allocation that grows with the text. The parser checks the grammar.
 */
public final class JsonScan {
  private static final int LARGEST_EXPONENT = 308;

  private final byte[] text;
  private final int end;
  private final JsonLimits limits;
  private int at;
  private int values;

  private JsonScan(byte[] text, int length, JsonLimits limits) {
    this.text = text;
    this.end = length;
    this.limits = limits;
  }

  /** The result of a scan. */
  public sealed interface Result {
    /**
     * The text is within the limits.
     *
     * @param values the number of names and values
     */
    record Fine(int values) implements Result {}

    /** The text is not JSON in UTF-8. */
    record Malformed(String why) implements Result {}

    /** The text exceeds a limit. */
    record TooComplex(String why) implements Result {}
  }

  /** Scans the first {@code length} bytes of an array. */
  public static Result scan(byte[] text, int length, JsonLimits limits) {
    int malformed = Utf8.firstMalformed(text, 0, length);
    if (malformed >= 0) {
      return new Result.Malformed("byte " + malformed + " is not UTF-8");
    }
    return new JsonScan(text, length, limits).scan();
  }

  private Result scan() {
    int depth = 0;
    while (at < end) {
      int c = text[at];
      switch (c) {
        case ' ', '\t', '\r', '\n', ':', ',' -> at++;
        case '{', '[' -> {
          if (++depth > limits.depth()) {
            return tooComplex("is nested deeper than " + limits.depth());
          }
          values++;
          at++;
        }
        case '}', ']' -> {
          depth--;
          at++;
        }
        case '"' -> {
          Result wrong = string();
          if (wrong != null) {
            return wrong;
          }
        }
        default -> {
          if (c <= ' ' || c >= 0x7f) {
            return new Result.Malformed("byte " + at + " is not JSON in UTF-8");
          }
          Result wrong = word();
          if (wrong != null) {
            return wrong;
          }
        }
      }
      if (values > limits.values()) {
        return tooComplex("has more than " + limits.values() + " names and values");
      }
    }
    return new Result.Fine(values);
  }

  private static Result tooComplex(String why) {
    return new Result.TooComplex(why);
  }

  /** Reads a number, true, false or null. */
  private Result word() {
    int begin = at;
    int exponentAt = -1;
    while (at < end && isWord(text[at])) {
      if (exponentAt < 0 && (text[at] == 'e' || text[at] == 'E')) {
        exponentAt = at;
      }
      at++;
    }
    values++;
    if (at == begin) {
      return new Result.Malformed("byte " + at + " is not JSON");
    }
    if (at - begin > limits.numberLength()) {
      return tooComplex("has a number longer than " + limits.numberLength() + " characters");
    }
    boolean isNumber = text[begin] == '-' || (text[begin] >= '0' && text[begin] <= '9');
    return isNumber && exponentAt >= 0 && exponent(exponentAt + 1) > LARGEST_EXPONENT
        ? tooComplex("has a number beyond what programs can hold")
        : null;
  }

  private static boolean isWord(byte c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '-'
        || c == '+'
        || c == '.';
  }

  private int exponent(int from) {
    int exponent = 0;
    for (int digit = from; digit < at && exponent <= LARGEST_EXPONENT; digit++) {
      if (text[digit] >= '0' && text[digit] <= '9') {
        exponent = exponent * 10 + text[digit] - '0';
      }
    }
    return exponent;
  }

  private Result string() {
    int begin = ++at;
    while (at < end && text[at] != '"') {
      if (text[at] == '\\') {
        Result wrong = escape();
        if (wrong != null) {
          return wrong;
        }
      } else {
        at++;
      }
    }
    if (at >= end) {
      return new Result.Malformed("a text does not end");
    }
    int bytes = at - begin;
    at++;
    values++;
    if (bytes > limits.stringBytes()) {
      return tooComplex("has a text of more than " + limits.stringBytes() + " bytes");
    }
    return bytes > limits.nameBytes() && isName()
        ? tooComplex("has a name of more than " + limits.nameBytes() + " bytes")
        : null;
  }

  private boolean isName() {
    int next = at;
    while (next < end && text[next] <= ' ' && text[next] > 0) {
      next++;
    }
    return next < end && text[next] == ':';
  }

  /** Refuses unpaired surrogates, because parsers differ in what they make of them. */
  private Result escape() {
    int unit = unit(at);
    if (unit < 0) {
      at += 2;
      return null;
    }
    if (Character.isHighSurrogate((char) unit)) {
      int low = unit(at + 6);
      if (low < 0 || !Character.isLowSurrogate((char) low)) {
        return new Result.Malformed("byte " + at + " begins half a character");
      }
      at += 12;
      return null;
    }
    if (Character.isLowSurrogate((char) unit)) {
      return new Result.Malformed("byte " + at + " begins half a character");
    }
    at += 6;
    return null;
  }

  /** The code unit of the Unicode escape at a position, or -1 when none is there. */
  private int unit(int from) {
    if (from + 6 > end || text[from] != '\\' || text[from + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int digit = from + 2; digit < from + 6; digit++) {
      int value = Character.digit(text[digit], 16);
      if (value < 0) {
        return -1;
      }
      unit = unit << 4 | value;
    }
    return unit;
  }
}
