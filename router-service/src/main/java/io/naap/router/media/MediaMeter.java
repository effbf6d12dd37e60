package io.naap.router.media;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Measures one file as its bytes pass. A format reads piece after piece: a frame, a page, a box, or
 * a header whose content is skipped; what does not fit into a bounded memory makes the file
 * unreadable.
 */
public abstract class MediaMeter {
  /** Milliseconds that no file lasts. */
  static final long LONGEST = 1L << 40;

  private final int mostKept;
  private byte[] kept = new byte[0];
  private long skip;
  private long bytes;
  private boolean lost;

  /**
   * @param mostKept the most bytes of one piece
   */
  MediaMeter(int mostKept) {
    this.mostKept = mostKept;
  }

  /** The next bytes of the file. */
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
   * @param at where it begins in the window
   * @return how many bytes to go on, which may be more than are there; 0 when more are needed; less
   *     than 0 when the file cannot be read
   */
  abstract long piece(byte[] window, int at);

  /** How long what has passed lasts; empty when it cannot be told. */
  public final OptionalLong millis() {
    long seen = lost ? -1 : seenMillis();
    return seen <= 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(seen, LONGEST));
  }

  /** Milliseconds, or 0. */
  abstract long seenMillis();

  /** True when what is seen grows with the bytes; false when a header says it for all of them. */
  boolean growsWithBytes() {
    return true;
  }

  /** How long the whole file will last, by what has passed of it; empty when nothing tells. */
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

  /** What is known already of a file of so many bytes. */
  OptionalLong wholeMillis(long allBytes) {
    return OptionalLong.empty();
  }

  /** Bytes that have passed. */
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

  /** A number of up to eight bytes, the highest first. */
  static long number(byte[] window, int at, int length) {
    long number = 0;
    for (int next = at; next < at + length; next++) {
      number = number << 8 | (window[next] & 0xff);
    }
    return number;
  }

  /** The same, the lowest byte first. */
  static long little(byte[] window, int at, int length) {
    long number = 0;
    for (int next = at + length - 1; next >= at; next--) {
      number = number << 8 | (window[next] & 0xff);
    }
    return number;
  }
}
