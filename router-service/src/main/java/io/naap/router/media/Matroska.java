package io.naap.router.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Matroska and WebM (RFC 8794 and 9559). A file lasts as long as its header says, or to its last
 * block, or as long as its Opus packets, whichever is longest; and never less than its bytes at the
 * highest rate of its codec. A live recording has no length in its header.
 */
final class Matroska extends MediaMeter {
  private static final long SEGMENT = 0x18538067;
  private static final long INFO = 0x1549a966;
  private static final long TRACKS = 0x1654ae6b;
  private static final long TRACK = 0xae;
  private static final long CLUSTER = 0x1f43b675;
  private static final long GROUP = 0xa0;
  private static final long TIMESTAMP_SCALE = 0x2ad7b1;
  private static final long DURATION = 0x4489;
  private static final long CLUSTER_TIME = 0xe7;
  private static final long SIMPLE_BLOCK = 0xa3;
  private static final long BLOCK = 0xa1;
  private static final long TRACK_NUMBER = 0xd7;
  private static final long CODEC = 0x86;
  private static final int BLOCK_HEAD = 16;
  private static final int MOST_TRACKS = 64;
  private static final double FASTEST = 1_000_000;
  private static final double FASTEST_LOSSLESS = 20_000_000;

  /** Codecs without compression, or with lossless compression. */
  private static final List<String> LOSSLESS =
      List.of("A_PCM", "A_FLAC", "A_ALAC", "A_TTA", "A_WAVPACK", "A_TRUEHD", "A_MLP", "A_DTS");

  private double nanosPerUnit = 1_000_000;
  private double units;
  private double clusterTime;
  private double lastBlock;
  private double firstBlock = -1;
  private long blocks;
  private long trackNumber = -1;
  private String codec = "";
  private final Map<Long, Track> tracks = new HashMap<>();
  private boolean tooMany;
  private double opusSeconds;

  private static final class Track {
    private boolean opus;
    private double fastestBits = Double.POSITIVE_INFINITY;
    private long bytes;

    void hasCodec(String codec) {
      opus |= codec.startsWith("A_OPUS");
      if (codec.startsWith("A_")) {
        boolean lossless = LOSSLESS.stream().anyMatch(codec::startsWith);
        fastestBits = Math.min(fastestBits, lossless ? FASTEST_LOSSLESS : FASTEST);
      }
    }
  }

  Matroska() {
    super(1 << 16);
  }

  @Override
  long piece(byte[] window, int at) {
    int rest = window.length - at;
    if (rest < 12) {
      return 0;
    }
    int idLength = length(window[at]);
    if (idLength > 4) {
      // This is behind the file, or is no element.
      return blocks > 0 || units > 0 ? rest : -1;
    }
    int sizeLength = length(window[at + idLength]);
    if (sizeLength > 8) {
      return -1;
    }
    long id = number(window, at, idLength);
    int begin = at + idLength + sizeLength;
    long marker = 1L << (7 * sizeLength);
    long size = number(window, at + idLength, sizeLength) & (marker - 1);
    if (id == SEGMENT
        || id == INFO
        || id == TRACKS
        || id == TRACK
        || id == CLUSTER
        || id == GROUP) {
      if (id == TRACK) {
        trackNumber = -1;
        codec = "";
      }
      return (long) begin - at;
    }
    if (size == marker - 1) {
      return -1;
    }
    boolean isBlock = id == SIMPLE_BLOCK || id == BLOCK;
    boolean isRead =
        isBlock
            || id == TIMESTAMP_SCALE
            || id == DURATION
            || id == CLUSTER_TIME
            || id == TRACK_NUMBER
            || id == CODEC;
    if (isRead) {
      int needed = (int) Math.min(size, BLOCK_HEAD);
      if (window.length < begin + needed) {
        return 0;
      }
      if (isBlock) {
        block(window, begin, needed, size);
      } else {
        value(id, window, begin, needed);
      }
    }
    return begin - at + size;
  }

  /** A number begins with one zero bit for each byte that follows; nine when the byte is zero. */
  private static int length(byte first) {
    return Integer.numberOfLeadingZeros(first & 0xff) - 23;
  }

  private void value(long id, byte[] window, int at, int length) {
    if (id == DURATION) {
      units = Math.max(units, real(window, at, length));
    } else if (id == CODEC) {
      codec = new String(window, at, length, StandardCharsets.ISO_8859_1);
      describe();
    } else if (length <= 8) {
      long value = number(window, at, length) & Long.MAX_VALUE;
      if (id == TIMESTAMP_SCALE && value > 0) {
        nanosPerUnit = value;
      } else if (id == CLUSTER_TIME) {
        clusterTime = value;
      } else if (id == TRACK_NUMBER) {
        trackNumber = value;
        describe();
      }
    }
  }

  /** The number and the codec of a track come in either order. */
  private void describe() {
    if (trackNumber >= 0 && !codec.isEmpty()) {
      track(trackNumber).hasCodec(codec);
    }
  }

  private Track track(long number) {
    if (tracks.size() >= MOST_TRACKS && !tracks.containsKey(number)) {
      tooMany = true;
      return new Track();
    }
    return tracks.computeIfAbsent(number, fresh -> new Track());
  }

  private static double real(byte[] window, int at, int length) {
    double value =
        length == 4
            ? ByteBuffer.wrap(window, at, 4).getFloat()
            : length == 8 ? ByteBuffer.wrap(window, at, 8).getDouble() : 0;
    // Also rejects NaN.
    return value > 0 && value < 1e15 ? value : 0;
  }

  private void block(byte[] window, int at, int length, long size) {
    int numberLength = length(window[at]);
    if (length < numberLength + 4 || numberLength > 8) {
      return;
    }
    Track track = track(number(window, at, numberLength) & ((1L << (7 * numberLength)) - 1));
    double time = clusterTime + (short) number(window, at + numberLength, 2);
    firstBlock = firstBlock < 0 ? time : Math.min(firstBlock, time);
    lastBlock = Math.max(lastBlock, time);
    blocks++;
    int flags = window[at + numberLength + 2];
    int data = numberLength + 3;
    track.bytes += size - data;
    if (track.opus && (flags & 6) == 0 && length > data) {
      int second = length > data + 1 ? window[at + data + 1] & 0xff : 0;
      opusSeconds += OpusPacket.micros(window[at + data] & 0xff, second) / 1e6;
    }
  }

  @Override
  boolean growsWithBytes() {
    return units == 0;
  }

  @Override
  long seenMillis() {
    if (tooMany) {
      return 0;
    }
    // The last block is assumed to last as long as the others do on average.
    double last =
        blocks < 2
            ? lastBlock
            : lastBlock + Math.min(5_000, (lastBlock - firstBlock) / (blocks - 1));
    double seconds = Math.max(Math.max(units, last) * nanosPerUnit / 1e9, opusSeconds);
    for (Track track : tracks.values()) {
      seconds = Math.max(seconds, track.bytes * 8 / track.fastestBits);
    }
    return Math.round(Math.min(seconds, LONGEST / 1_000.0) * 1_000);
  }
}
