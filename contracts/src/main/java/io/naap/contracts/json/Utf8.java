package io.naap.contracts.json;

/**
 * Checks that bytes are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF,
 * no truncated characters. Programs read malformed bytes differently, so text that one program
 * checks and another uses must not contain any.
 */
public final class Utf8 {
  private Utf8() {}

  /** The index of the first byte that is not UTF-8, or -1. */
  public static int firstMalformed(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int lead = bytes[at];
      if (lead >= 0) {
        at++;
        continue;
      }
      int length = length(lead & 0xff);
      if (length == 0 || at + length > to || !isSequence(bytes, at, length)) {
        return at;
      }
      at += length;
    }
    return -1;
  }

  public static boolean isWellFormed(byte[] bytes) {
    return firstMalformed(bytes, 0, bytes.length) < 0;
  }

  /** The length in bytes of the character that starts with this byte; 0 when none does. */
  private static int length(int lead) {
    if (lead >= 0xc2 && lead <= 0xdf) {
      return 2;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
      return 3;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  }

  private static boolean isSequence(byte[] bytes, int at, int length) {
    int lead = bytes[at] & 0xff;
    int second = bytes[at + 1] & 0xff;
    int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return false;
    }
    for (int rest = 2; rest < length; rest++) {
      if ((bytes[at + rest] & 0xc0) != 0x80) {
        return false;
      }
    }
    return true;
  }

  /**
   * True when the text of a header or an address is well-formed UTF-8. HTTP parsers give each byte
   * as one character.
   */
  public static boolean isWellFormedLatin1(CharSequence text) {
    int length = text.length();
    int at = 0;
    while (at < length && text.charAt(at) < 0x80) {
      at++;
    }
    if (at == length) {
      return true;
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) > 0xff) {
        return false;
      }
      bytes[i] = (byte) text.charAt(i);
    }
    return isWellFormed(bytes);
  }

  /** True when the percent-encoded bytes of a path, a query or a form are well-formed UTF-8. */
  public static boolean isWellFormedEncoded(CharSequence text) {
    int length = text.length();
    boolean plain = true;
    for (int at = 0; at < length && plain; at++) {
      plain = text.charAt(at) != '%' && text.charAt(at) < 0x80;
    }
    if (plain) {
      return true;
    }
    byte[] decoded = new byte[length];
    int bytes = 0;
    for (int at = 0; at < length; at++) {
      char c = text.charAt(at);
      if (c == '%') {
        int high = at + 2 < length ? Character.digit(text.charAt(at + 1), 16) : -1;
        int low = at + 2 < length ? Character.digit(text.charAt(at + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return false;
        }
        decoded[bytes++] = (byte) (high << 4 | low);
        at += 2;
      } else if (c > 0xff) {
        return false;
      } else {
        decoded[bytes++] = (byte) c;
      }
    }
    return firstMalformed(decoded, 0, bytes) < 0;
  }
}
