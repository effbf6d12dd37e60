package io.naap.router.media;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Measures the length of one file as its bytes pass. A format reads one piece after another: a
 * frame, a page, a box, or a header whose content is skipped. A file with a piece that does not fit
 * into the memory limit is unreadable.
 */
public abstract class MediaMeter {
  /** A length, in milliseconds, that no file has. */
  static final long LONGEST = 1L << 40;

  private final int mostKept;
  private byte[] kept = new byte[0];
  private long skip;
  private long bytes;
  private boolean lost;

  /**
   * @param mostKept the most bytes that one piece may have
   */
  MediaMeter(int mostKept) {
    this.mostKept = mostKept;
  }

  /** Takes the next bytes of the file. */
  public final void take(Buffer more) {
    bytes += more.length();
    if (lost) {
      return;
    }
    int from = (int) Math.min(skip, more.length());
    skip -= from;
    if (from == more.length()) {
      return;
    }
    byte[] window = Arrays.copyOf(kept, kept.length + more.length() - from);
    more.getBytes(from, more.length(), window, kept.length);
    int at = 0;
    while (at < window.length) {
      long used = piece(window, at);
      if (used == 0) {
        break;
      }
      if (used < 0) {
        lost = true;
        break;
      }
      int rest = window.length - at;
      if (used > rest) {
        skip = used - rest;
        at = window.length;
      } else {
        at += (int) used;
      }
    }
    kept = lost ? new byte[0] : Arrays.copyOfRange(window, at, window.length);
    if (kept.length > mostKept) {
      lost = true;
      kept = new byte[0];
    }
  }

  /**
   * Reads a piece.
   *
   * @param at where the piece begins in the window
   * @return how many bytes to go on, which may be more than are in the window; 0 when more bytes
   *     are needed; less than 0 when the file is unreadable
   */
  abstract long piece(byte[] window, int at);

  /** The length of what has passed; empty when it is unknown. */
  public final OptionalLong millis() {
    long seen = lost ? -1 : seenMillis();
    return seen <= 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(seen, LONGEST));
  }

  /** The length of what has passed in milliseconds, or 0. */
  abstract long seenMillis();

  /**
   * True when the length grows with the bytes that pass; false when a header gives it for the whole
   * file.
   */
  boolean growsWithBytes() {
    return true;
  }

  /** The length of the whole file, estimated from what has passed; empty when nothing tells it. */
  public final OptionalLong expectedMillis(long allBytes) {
    OptionalLong seen = lost ? OptionalLong.empty() : wholeMillis(allBytes);
    if (seen.isPresent()) {
      return seen;
    }
    seen = millis();
    if (seen.isEmpty() || !growsWithBytes() || allBytes <= bytes || bytes == 0) {
      return seen;
    }
    double all = (double) seen.getAsLong() * allBytes / bytes;
    return OptionalLong.of((long) Math.min(all, LONGEST));
  }

  /** The length of a file of so many bytes, as far as it is known already. */
  OptionalLong wholeMillis(long allBytes) {
    return OptionalLong.empty();
  }

  /** The bytes that have passed. */
  public final long bytes() {
    return bytes;
  }

  static boolean is(byte[] window, int at, String name) {
    if (window.length < at + name.length()) {
      return false;
    }
    for (int letter = 0; letter < name.length(); letter++) {
      if ((window[at + letter] & 0xff) != name.charAt(letter)) {
        return false;
      }
    }
    return true;
  }

  /** A number of up to eight bytes, the highest byte first. */
  static long number(byte[] window, int at, int length) {
    long number = 0;
    for (int next = at; next < at + length; next++) {
      number = number << 8 | (window[next] & 0xff);
    }
    return number;
  }

  /** A number of up to eight bytes, the lowest byte first. */
  static long little(byte[] window, int at, int length) {
    long number = 0;
    for (int next = at + length - 1; next >= at; next--) {
      number = number << 8 | (window[next] & 0xff);
    }
    return number;
  }
}
