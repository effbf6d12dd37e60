package io.naap.router.media;

import java.util.HashMap;
import java.util.Map;

/**
 * Ogg (RFC 3533). Each page says how many samples its stream has until the page's end. Opus packets
 * (RFC 7845) are counted too, because players play them whatever the page says. Other sound never
 * lasts less than its bytes at the highest rate of its codec.
 */
final class Ogg extends MediaMeter {
  private static final int HEADER = 27;
  private static final int MOST_PAGE = HEADER + 255 + 255 * 255;
  private static final long MOST_SAMPLES = 1L << 48;
  private static final double FASTEST = 1_000_000;
  private static final double FASTEST_LOSSLESS = 20_000_000;

  /** The most parallel streams; a file with more is unreadable. */
  private static final int MOST_STREAMS = 32;

  private final Map<Long, Stream> streams = new HashMap<>();

  /** The length of the streams that ended before others began. */
  private double before;

  private static final class Stream {
    private final boolean opus;
    private final long rate;
    private final double fastestBits;
    private double seconds;
    private double packets;
    private long soundBytes;
    private boolean continues;
    private int headers;

    Stream(boolean opus, long rate, double fastestBits, int headers) {
      this.opus = opus;
      this.rate = rate;
      this.fastestBits = fastestBits;
      this.headers = headers;
    }

    double lasts() {
      return Math.max(Math.max(seconds, packets), soundBytes * 8 / fastestBits);
    }

    /** Counts a packet of sound that begins with these two bytes. */
    void sound(int first, int second) {
      if (opus) {
        packets += OpusPacket.micros(first & 0xff, second & 0xff) / 1e6;
      }
    }
  }

  Ogg() {
    super(MOST_PAGE);
  }

  @Override
  long piece(byte[] window, int at) {
    int rest = window.length - at;
    if (rest < HEADER) {
      return 0;
    }
    if (!is(window, at, "OggS")) {
      // The end of the form follows the file.
      return 1;
    }
    int segments = window[at + 26] & 0xff;
    int data = at + HEADER + segments;
    if (window.length < data) {
      return 0;
    }
    int length = 0;
    for (int segment = at + HEADER; segment < data; segment++) {
      length += window[segment] & 0xff;
    }
    if (window.length < data + length) {
      return 0;
    }
    long serial = little(window, at + 14, 4);
    if ((window[at + 5] & 2) != 0 && !begins(window, data, length, serial)) {
      return -1;
    }
    Stream stream = streams.get(serial);
    if (stream != null) {
      long samples = little(window, at + 6, 8);
      if (samples > 0 && samples < MOST_SAMPLES && stream.rate > 0) {
        stream.seconds = Math.max(stream.seconds, (double) samples / stream.rate);
      }
      packets(window, at + HEADER, segments, data, stream);
    }
    return (long) data + length - at;
  }

  private boolean begins(byte[] window, int data, int length, long serial) {
    if (streams.containsKey(serial) || streams.values().stream().anyMatch(s -> s.lasts() > 0)) {
      // In a chained file the next streams begin after these.
      before += longest();
      streams.clear();
    }
    if (streams.size() >= MOST_STREAMS) {
      return false;
    }
    if (length >= 19 && is(window, data, "OpusHead")) {
      streams.put(serial, new Stream(true, 48_000, FASTEST, 2));
    } else if (length >= 16 && is(window, data, "\u0001vorbis")) {
      streams.put(serial, new Stream(false, little(window, data + 12, 4), FASTEST, 3));
    } else if (length >= 30 && is(window, data, "\u007fFLAC")) {
      streams.put(
          serial, new Stream(false, number(window, data + 27, 3) >>> 4, FASTEST_LOSSLESS, 1));
    } else if (length >= 40 && is(window, data, "Speex   ")) {
      streams.put(serial, new Stream(false, little(window, data + 36, 4), FASTEST, 2));
    }
    return true;
  }

  /** Finds packets (RFC 3533, section 6): a packet goes on as long as its pieces have 255 bytes. */
  private static void packets(byte[] window, int lacing, int segments, int data, Stream stream) {
    int packet = data;
    boolean begins = !stream.continues;
    int next = data;
    for (int segment = 0; segment < segments; segment++) {
      int length = window[lacing + segment] & 0xff;
      next += length;
      stream.soundBytes += stream.headers > 0 ? 0 : length;
      if (length < 255) {
        if (stream.headers > 0) {
          // A header packet may have begun on an earlier page.
          stream.headers -= next > packet || !begins ? 1 : 0;
        } else if (begins && next > packet) {
          stream.sound(window[packet], next > packet + 1 ? window[packet + 1] : 0);
        }
        packet = next;
        begins = true;
      }
    }
    stream.continues = segments > 0 && (window[lacing + segments - 1] & 0xff) == 255;
    if (stream.continues && begins && next > packet && stream.headers == 0) {
      // A packet is counted where it begins.
      stream.sound(window[packet], window[Math.min(packet + 1, next - 1)]);
    }
  }

  private double longest() {
    return streams.values().stream().mapToDouble(Stream::lasts).max().orElse(0);
  }

  @Override
  long seenMillis() {
    return Math.round((before + longest()) * 1_000);
  }
}
