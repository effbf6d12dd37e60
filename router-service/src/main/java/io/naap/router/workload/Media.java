package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What the first bytes of a file say. Nothing here trusts a length it can compute. */
final class Media {
  private static final int MAX_SIDE = 1 << 16;

  /** PCM in whole numbers and in floating point, A-law and mu-law. */
  private static final Set<Integer> UNCOMPRESSED = Set.of(1, 3, 6, 7);

  private static final int EXTENSIBLE = 0xfffe;

  private Media() {}

  /** Width times height of a PNG or JPEG. */
  static OptionalLong pixels(Buffer head) {
    if (head.length() >= 24
        && head.getInt(0) == 0x89504e47
        && head.getInt(4) == 0x0d0a1a0a
        && head.getInt(12) == 0x49484452) {
      return area(head.getUnsignedInt(16), head.getUnsignedInt(20));
    }
    if (head.length() >= 4 && head.getUnsignedShort(0) == 0xffd8) {
      int at = 2;
      while (at + 9 < head.length() && head.getUnsignedByte(at) == 0xff) {
        int marker = head.getUnsignedByte(at + 1);
        if (marker >= 0xc0
            && marker <= 0xcf
            && marker != 0xc4
            && marker != 0xc8
            && marker != 0xcc) {
          return area(head.getUnsignedShort(at + 7), head.getUnsignedShort(at + 5));
        }
        at += 2 + head.getUnsignedShort(at + 2);
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong area(long width, long height) {
    return width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE
        ? OptionalLong.empty()
        : OptionalLong.of(width * height);
  }

  /**
   * A WAV file's format.
   *
   * @param bytesPerSecond of the sound, computed from rate, channels and bits
   * @param dataAt where the sound begins
   * @param dataBytes as declared; a stream may declare too much, or nothing and go on to the end
   */
  record Wav(long bytesPerSecond, int dataAt, long dataBytes) {
    long millis(long fileBytes) {
      long rest = Math.max(0, fileBytes - dataAt);
      long sound = dataBytes == 0 ? rest : Math.min(dataBytes, rest);
      return Math.ceilDiv(sound * 1000, bytesPerSecond);
    }
  }

  /** Empty for compressed sound, too: how long it lasts only its file's own word says. */
  static Optional<Wav> wav(Buffer head) {
    if (head == null
        || head.length() < 44
        || head.getInt(0) != 0x52494646
        || head.getInt(8) != 0x57415645) {
      return Optional.empty();
    }
    int at = 12;
    long bytesPerSecond = 0;
    while (at + 8 <= head.length()) {
      int chunk = head.getInt(at);
      long size = head.getUnsignedIntLE(at + 4);
      if (chunk == 0x64617461) {
        return bytesPerSecond > 0
            ? Optional.of(new Wav(bytesPerSecond, at + 8, size))
            : Optional.empty();
      }
      if (chunk == 0x666d7420 && at + 24 <= head.length()) {
        int format = head.getUnsignedShortLE(at + 8);
        if (format == EXTENSIBLE && size >= 40 && at + 48 <= head.length()) {
          format = head.getUnsignedShortLE(at + 32);
        }
        bytesPerSecond =
            UNCOMPRESSED.contains(format)
                ? head.getUnsignedIntLE(at + 12)
                    * head.getUnsignedShortLE(at + 10)
                    * head.getUnsignedShortLE(at + 22)
                    / 8
                : 0;
      }
      if (size > head.length()) {
        return Optional.empty();
      }
      at += 8 + (int) size + (int) (size & 1);
    }
    return Optional.empty();
  }
}
