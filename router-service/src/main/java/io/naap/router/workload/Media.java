package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads pictures' sizes and WAV headers from the first bytes of a file. Lengths that can be
 * computed are not believed.
 */
final class Media {
  private static final int MAX_SIDE = 1 << 16;

  /** PCM in whole numbers and in floating point, A-law and mu-law. */
  private static final Set<Integer> UNCOMPRESSED = Set.of(1, 3, 6, 7);

  private static final int EXTENSIBLE = 0xfffe;

  private Media() {}

  /** Width times height of a PNG, JPEG, WebP or GIF; empty when the first bytes do not tell. */
  static OptionalLong pixels(Buffer head) {
    return switch (picture(head)) {
      case PNG -> png(head);
      case JPEG -> jpeg(head);
      case WEBP -> webp(head);
      case GIF ->
          head.length() < 10
              ? OptionalLong.empty()
              : area(head.getUnsignedShortLE(6), head.getUnsignedShortLE(8));
      case OTHER -> OptionalLong.empty();
    };
  }

  /** Kinds of pictures. */
  enum Picture {
    PNG,
    JPEG,
    WEBP,
    GIF,
    OTHER
  }

  static Picture picture(Buffer head) {
    if (head.length() >= 12) {
      if (head.getInt(0) == 0x89504e47 && head.getInt(4) == 0x0d0a1a0a) {
        return Picture.PNG;
      }
      if (head.getUnsignedShort(0) == 0xffd8) {
        return Picture.JPEG;
      }
      if (head.getInt(0) == 0x52494646 && head.getInt(8) == 0x57454250) {
        return Picture.WEBP;
      }
      if (head.getInt(0) == 0x47494638) {
        return Picture.GIF;
      }
    }
    return Picture.OTHER;
  }

  private static OptionalLong png(Buffer head) {
    return head.length() >= 24 && head.getInt(12) == 0x49484452
        ? area(head.getUnsignedInt(16), head.getUnsignedInt(20))
        : OptionalLong.empty();
  }

  /** JPEG (ITU-T T.81, annex B) has segments with a length each, until a frame's header. */
  private static OptionalLong jpeg(Buffer head) {
    int at = 2;
    while (at + 9 <= head.length() && head.getUnsignedByte(at) == 0xff) {
      int marker = head.getUnsignedByte(at + 1);
      if (marker == 0xff) {
        // Any number of fill bytes may come before a marker.
        at++;
      } else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
        at += 2;
      } else if (marker == 0xd9 || marker == 0xda) {
        return OptionalLong.empty();
      } else if (marker >= 0xc0
          && marker <= 0xcf
          && marker != 0xc4
          && marker != 0xc8
          && marker != 0xcc) {
        return area(head.getUnsignedShort(at + 7), head.getUnsignedShort(at + 5));
      } else {
        at += 2 + head.getUnsignedShort(at + 2);
      }
    }
    return OptionalLong.empty();
  }

  /** WebP (RFC 9649) has the size in its first chunk, in one of three ways. */
  private static OptionalLong webp(Buffer head) {
    if (head.length() < 30) {
      return OptionalLong.empty();
    }
    return switch (head.getInt(12)) {
      case 0x56503820 ->
          area(head.getUnsignedShortLE(26) & 0x3fff, head.getUnsignedShortLE(28) & 0x3fff);
      case 0x5650384c -> {
        long bits = head.getUnsignedIntLE(21);
        yield area((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
      }
      case 0x56503858 -> area(head.getUnsignedMediumLE(24) + 1L, head.getUnsignedMediumLE(27) + 1L);
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong area(long width, long height) {
    return width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE
        ? OptionalLong.empty()
        : OptionalLong.of(width * height);
  }

  /**
   * The format of a WAV file.
   *
   * @param bytesPerSecond computed from rate, channels and bits
   * @param dataAt where the sound begins
   * @param dataBytes as declared; a stream may declare too much, or 0 and go on to the end
   */
  record Wav(long bytesPerSecond, int dataAt, long dataBytes) {
    long millis(long fileBytes) {
      long rest = Math.max(0, fileBytes - dataAt);
      long sound = dataBytes == 0 ? rest : Math.min(dataBytes, rest);
      return Math.ceilDiv(sound * 1000, bytesPerSecond);
    }
  }

  /**
   * The format of uncompressed sound; empty for any other file, because only its own header says
   * how long compressed sound lasts.
   */
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
