package io.naap.router.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Reads a file of records; each is its length, its CRC-32 and its bytes. Positions are counted.
 * Behind a damaged record it is not known how many records were lost, so the next whole one has the
 * position that its usage event names.
 */
final class Segment {
  static final int HEADER = 8;

  private static final int MAX_RECORD = 1 << 20;
  private static final byte[] POSITION = bytes("\"spool_position\":");
  private static final byte[] INSTANCE = bytes("\"instance\":\"");

  private Segment() {}

  /** Takes records. */
  interface Reader {
    /** Takes a record; false when that is enough. */
    boolean take(long position, String record);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads every whole record, in order; none when the file is gone.
   *
   * @param first the position of the first record
   * @param below all positions are below it
   */
  static void read(Path file, long first, long below, Reader reader) throws IOException {
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (NoSuchFileException gone) {
      return;
    }
    ByteBuffer whole = ByteBuffer.wrap(all);
    long next = first;
    boolean counted = true;
    int at = 0;
    while (next < below && at + HEADER <= all.length) {
      int length = record(whole, at);
      long position = length < 0 ? -1 : counted ? next : position(all, at + HEADER, length);
      if (position < next || position >= below) {
        // Damaged: the next record is looked for byte by byte.
        counted = false;
        at++;
        continue;
      }
      if (!reader.take(position, new String(all, at + HEADER, length, StandardCharsets.UTF_8))) {
        return;
      }
      next = position + 1;
      counted = true;
      at += HEADER + length;
    }
  }

  /** The length of the record that begins at a byte; -1 when none does. */
  private static int record(ByteBuffer all, int at) {
    int length = all.getInt(at);
    if (length <= 0 || length > MAX_RECORD || length > all.capacity() - at - HEADER) {
      return -1;
    }
    CRC32 crc = new CRC32();
    crc.update(all.slice(at + HEADER, length));
    return (int) crc.getValue() == all.getInt(at + 4) ? length : -1;
  }

  /** The position that a usage event names; -1 for none. Quotes in its texts are escaped. */
  private static long position(byte[] all, int from, int length) {
    int at = after(all, from, from + length, POSITION);
    long position = at < 0 ? -1 : 0;
    while (at >= 0 && at < from + length && all[at] >= '0' && all[at] <= '9') {
      if (position > Long.MAX_VALUE / 20) {
        return -1;
      }
      position = 10 * position + all[at] - '0';
      at++;
    }
    return position;
  }

  /** The spool id that a usage event names: what follows the last dot of its instance. */
  static Optional<String> id(String record) {
    byte[] all = record.getBytes(StandardCharsets.UTF_8);
    int from = after(all, 0, all.length, INSTANCE);
    int to = from;
    while (from >= 0 && to < all.length && all[to] != '"') {
      to++;
    }
    if (from < 0 || to == all.length) {
      return Optional.empty();
    }
    String instance = new String(all, from, to - from, StandardCharsets.UTF_8);
    String id = instance.substring(instance.lastIndexOf('.') + 1);
    return id.length() < instance.length() ? Optional.of(id) : Optional.empty();
  }

  private static int after(byte[] all, int from, int to, byte[] wanted) {
    for (int at = from; at + wanted.length <= to; at++) {
      if (java.util.Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at + wanted.length;
      }
    }
    return -1;
  }
}
