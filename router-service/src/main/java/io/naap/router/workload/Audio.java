package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long compressed sound lasts, by its container. What can be counted is counted (the frames of
 * an MP3, the pages of an Ogg file), as far as the file is here, and the rest lasts in proportion.
 * What is only said (by FLAC, MP4 and WebM) is believed within what so many bytes can be.
 */
final class Audio {
  /** Bits of sound a second, of any format: slower is not speech, and nobody pays for more. */
  private static final long SLOWEST = 1_000;

  private static final long FASTEST = 512_000;

  /** Of sound that loses nothing: 96 kHz, two channels, 24 bits. */
  private static final long FASTEST_LOSSLESS = 4_608_000;

  private static final int[] MPEG_1 = {
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
  };
  private static final int[] MPEG_2 = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };
  private static final int[] RATES = {44_100, 48_000, 32_000};

  /** Milliseconds that no recording lasts, and samples that none has. */
  private static final long LONGEST = 1L << 31;

  private static final long MOST_SAMPLES = 1L << 48;

  private static final String EBML = "\u001aE\u00df\u00a3";
  private static final long SEGMENT = 0x18538067;
  private static final long INFO = 0x1549a966;
  private static final long TIMESTAMP_SCALE = 0x2ad7b1;
  private static final long DURATION = 0x4489;

  private Audio() {}

  /**
   * Milliseconds, at least one.
   *
   * @param file its beginning, or all of it
   * @param bytes of the whole file
   * @return empty when the container is not known or its length is not here
   */
  static OptionalLong millis(Buffer file, long bytes) {
    if (bytes < 1) {
      return OptionalLong.empty();
    }
    if (is(file, 0, "fLaC")) {
      return within(flac(file), bytes, FASTEST_LOSSLESS);
    }
    if (is(file, 0, "OggS")) {
      return within(ogg(file, bytes), bytes, FASTEST);
    }
    if (is(file, 4, "ftyp")) {
      return within(mp4(file), bytes, FASTEST);
    }
    if (is(file, 0, EBML)) {
      return within(webm(file), bytes, FASTEST);
    }
    return within(mp3(file, bytes), bytes, FASTEST);
  }

  private static OptionalLong within(long millis, long bytes, long fastest) {
    return millis < 0
        ? OptionalLong.empty()
        : OptionalLong.of(
            Math.clamp(
                millis,
                Math.ceilDiv(bytes * 8_000, fastest),
                Math.ceilDiv(bytes * 8_000, SLOWEST)));
  }

  private static boolean is(Buffer file, int at, String name) {
    return file.length() >= at + name.length()
        && file.getString(at, at + name.length(), StandardCharsets.ISO_8859_1.name()).equals(name);
  }

  /** ISO/IEC 11172-3 and 13818-3, layer III: each frame says how long it is. */
  private static long mp3(Buffer file, long bytes) {
    int begin = afterTag(file);
    long at = begin;
    long micros = 0;
    int frames = 0;
    while (at + 4 <= file.length()) {
      int head = file.getInt((int) at);
      int version = head >>> 19 & 3;
      int rate = head >>> 10 & 3;
      int speed = head >>> 12 & 15;
      boolean isFrame = head >>> 21 == 0x7ff && (head >>> 17 & 3) == 1 && version != 1;
      if (!isFrame || rate == 3 || speed == 0 || speed == 15) {
        break;
      }
      boolean first = version == 3;
      int samplesPerSecond = RATES[rate] >> (first ? 0 : version == 2 ? 1 : 2);
      int bitsPerSecond = 1_000 * (first ? MPEG_1 : MPEG_2)[speed];
      at += (first ? 144L : 72L) * bitsPerSecond / samplesPerSecond + (head >>> 9 & 1);
      micros += (first ? 1_152_000_000L : 576_000_000L) / samplesPerSecond;
      frames++;
    }
    // Any two bytes may look like a frame; two frames in a row are no chance.
    return frames < 2 ? -1 : scaled(micros / 1_000, at - begin, bytes - begin);
  }

  /** What a part of the sound's bytes lasts, for all of them. */
  private static long scaled(long millis, long part, long all) {
    long known = Math.min(millis, LONGEST);
    return part >= all ? known : known * Math.min(all, Integer.MAX_VALUE) / part;
  }

  /** ID3v2: its length in four times seven bits. */
  private static int afterTag(Buffer file) {
    if (!is(file, 0, "ID3") || file.length() < 10) {
      return 0;
    }
    int length = 0;
    for (int at = 6; at < 10; at++) {
      length = length << 7 | (file.getByte(at) & 0x7f);
    }
    return Math.min(file.length(), 10 + length);
  }

  /** RFC 3533: each page says how many samples there are until its end, in its own stream. */
  private static long ogg(Buffer file, long bytes) {
    long before = 0;
    long millis = 0;
    long samplesPerSecond = 0;
    int at = 0;
    while (at + 27 <= file.length() && is(file, at, "OggS")) {
      int segments = file.getUnsignedByte(at + 26);
      int data = at + 27 + segments;
      if (data > file.length()) {
        break;
      }
      if ((file.getByte(at + 5) & 2) != 0) {
        // Another stream begins; what was until here stays.
        before = Math.min(before + millis, LONGEST);
        millis = 0;
        samplesPerSecond = oggRate(file, data);
        if (samplesPerSecond < 1) {
          return -1;
        }
      }
      long samples = file.getLongLE(at + 6);
      if (samples > 0 && samples < MOST_SAMPLES && samplesPerSecond > 0) {
        millis = Math.clamp(samples * 1_000 / samplesPerSecond, millis, LONGEST);
      }
      at = data;
      for (int segment = 0; segment < segments; segment++) {
        at += file.getUnsignedByte(data - segments + segment);
      }
    }
    long all = before + millis;
    return all == 0 ? -1 : scaled(all, at, bytes);
  }

  /** RFC 7845, section 5.1, and the identification header of Vorbis I; else 0. */
  private static long oggRate(Buffer file, int at) {
    if (is(file, at, "OpusHead")) {
      return 48_000;
    }
    return is(file, at, "\u0001vorbis") && file.length() >= at + 16
        ? file.getUnsignedIntLE(at + 12)
        : 0;
  }

  /** RFC 9639, section 8.2; a stream may say 0 samples. */
  private static long flac(Buffer file) {
    if (file.length() < 26) {
      return -1;
    }
    long packed = file.getLong(18);
    long samplesPerSecond = packed >>> 44;
    long samples = packed & 0xf_ffff_ffffL;
    return samplesPerSecond == 0 || samples == 0 ? -1 : samples * 1_000 / samplesPerSecond;
  }

  /** ISO/IEC 14496-12: boxes in boxes; the film's header says how long it is. */
  private static long mp4(Buffer file) {
    int film = box(file, 0, file.length(), "moov");
    int header = film < 0 ? -1 : box(file, film, file.length(), "mvhd");
    if (header < 0 || header + 32 > file.length()) {
      return -1;
    }
    boolean wide = file.getByte(header) == 1;
    long perSecond = file.getUnsignedInt(header + (wide ? 20 : 12));
    long duration = wide ? file.getLong(header + 24) : file.getUnsignedInt(header + 16);
    return perSecond == 0 || duration < 1 || duration > MOST_SAMPLES
        ? -1
        : duration * 1_000 / perSecond;
  }

  /** Where the content of the first box of a name begins, or -1 when it is not here. */
  private static int box(Buffer file, int from, int to, String name) {
    long at = from;
    while (at + 16 <= to) {
      int here = (int) at;
      long length = file.getUnsignedInt(here);
      int head = length == 1 ? 16 : 8;
      if (is(file, here + 4, name)) {
        return here + head;
      }
      length = length == 1 ? file.getLong(here + 8) : length;
      if (length < head || length > to - at) {
        return -1;
      }
      at += length;
    }
    return -1;
  }

  /**
   * RFC 8794 and 9559: elements in elements; what is known of the segment says how long it is, if
   * it was known when it was written, in units of so many nanoseconds.
   */
  private static long webm(Buffer file) {
    return element(file, new Element(0, file.length()), SEGMENT)
        .flatMap(segment -> element(file, segment, INFO))
        .map(info -> webm(file, info))
        .orElse(-1L);
  }

  private static long webm(Buffer file, Element info) {
    long nanos =
        element(file, info, TIMESTAMP_SCALE)
            .map(scale -> whole(file, scale.begin(), scale.length(file)))
            .orElse(1_000_000L);
    double units = element(file, info, DURATION).map(duration -> real(file, duration)).orElse(0.0);
    // Not a number is no more than nothing either.
    return nanos > 0 && units > 0 && units < MOST_SAMPLES
        ? BigDecimal.valueOf(units)
            .multiply(BigDecimal.valueOf(nanos))
            .movePointLeft(6)
            .setScale(0, RoundingMode.CEILING)
            .min(BigDecimal.valueOf(LONGEST))
            .longValueExact()
        : -1;
  }

  /** Where an element's content is; it may end where the file here does not reach. */
  private record Element(int begin, long end) {
    /** Its bytes when they are all here, and can be a number; else none. */
    int length(Buffer file) {
      return end <= file.length() && end - begin <= 8 ? (int) (end - begin) : 0;
    }
  }

  /** The first element of an id directly within another; empty when it is not here. */
  private static Optional<Element> element(Buffer file, Element in, long id) {
    long to = Math.min(in.end(), file.length());
    long at = in.begin();
    while (at + 2 <= to) {
      int here = (int) at;
      int sizeAt = here + numberBytes(file, here);
      if (sizeAt - here > 4 || sizeAt >= to) {
        return Optional.empty();
      }
      int begin = sizeAt + numberBytes(file, sizeAt);
      if (begin - sizeAt > 8 || begin > to) {
        return Optional.empty();
      }
      long marker = 1L << (7 * (begin - sizeAt));
      long size = whole(file, sizeAt, begin - sizeAt) - marker;
      boolean isOpen = size == marker - 1;
      if (whole(file, here, sizeAt - here) == id) {
        return Optional.of(new Element(begin, isOpen ? in.end() : begin + size));
      }
      if (isOpen) {
        return Optional.empty();
      }
      at = begin + size;
    }
    return Optional.empty();
  }

  /** A number begins with a zero for each byte that follows; nine where there is none. */
  private static int numberBytes(Buffer file, int at) {
    return Integer.numberOfLeadingZeros(file.getUnsignedByte(at)) - 23;
  }

  private static long whole(Buffer file, int at, int length) {
    long number = 0;
    for (int next = at; next < at + length; next++) {
      number = number << 8 | file.getUnsignedByte(next);
    }
    return number;
  }

  private static double real(Buffer file, Element of) {
    return switch (of.length(file)) {
      case 4 -> file.getFloat(of.begin());
      case 8 -> file.getDouble(of.begin());
      default -> 0;
    };
  }
}
