package io.naap.router.media;

import java.util.HashMap;
import java.util.Map;

/**
 * MPEG-TS (ISO/IEC 13818-1). Each elementary stream lasts as long as its decoding time stamps
 * advance, and the longest stream counts. A time stamp that goes back starts a new run. A picture
 * lasts at least 1/240 s and a packet of sound at least the shortest frame, so that repeated, equal
 * or missing time stamps do not hide content.
 */
public final class TransportStream extends MediaMeter {
  static final int PACKET = 188;
  private static final byte SYNC = 0x47;
  private static final int MOST_STREAMS = 128;
  private static final long WRAP = 1L << 33;
  private static final double TICKS = 90_000;
  private static final double MOST_PICTURES = 240;
  private static final double MOST_FRAMES_OF_SOUND = 400;
  private static final int PADDING = 0xbe;

  /** A time stamp further ahead starts a new run. */
  private static final long FURTHEST = 3_600L * 90_000;

  private final Map<Integer, Stream> streams = new HashMap<>();
  private boolean tooMany;

  private static final class Stream {
    private long last = -1;
    private double ticks;
    private long steps;
    private long begun;
    private long starts;
    private long stamped;
    private boolean video;

    void stamp(long stamp) {
      stamped++;
      if (last >= 0) {
        long step = (stamp - last) & (WRAP - 1);
        if (step < FURTHEST) {
          ticks += step;
          steps++;
        } else {
          begun++;
        }
      } else {
        begun++;
      }
      last = stamp;
    }

    /** The last picture of each run is assumed to last as long as the others do on average. */
    double seconds() {
      double each = steps > 0 ? ticks / steps : 0;
      double all = (ticks + begun * each) / TICKS;
      return Math.max(all, starts / (video ? MOST_PICTURES : MOST_FRAMES_OF_SOUND));
    }

    /** The length of a video is unknown when most of its pictures have no time stamp. */
    boolean isUnreadable() {
      return video && stamped < starts - stamped;
    }
  }

  public TransportStream() {
    super(4 * PACKET);
  }

  /** True when these first bytes of a file have packets in a row, from any position on. */
  static boolean begins(byte[] beginning) {
    int last = Math.min(beginning.length - 2 * PACKET - 1, 8 * PACKET);
    for (int at = 0; at <= last; at++) {
      if (beginning[at] == SYNC
          && beginning[at + PACKET] == SYNC
          && beginning[at + 2 * PACKET] == SYNC) {
        return true;
      }
    }
    return beginning.length >= PACKET
        && beginning.length <= 2 * PACKET
        && beginning.length % PACKET == 0
        && beginning[0] == SYNC;
  }

  @Override
  long piece(byte[] window, int at) {
    if (window[at] != SYNC) {
      return 1;
    }
    int rest = window.length - at;
    if (rest < PACKET) {
      return 0;
    }
    boolean begins = (window[at + 1] & 0x40) != 0;
    int control = window[at + 3] >>> 4 & 3;
    if (begins && (control & 1) != 0) {
      int data = at + 4 + (control == 3 ? 1 + (window[at + 4] & 0xff) : 0);
      packet(window, data, at + PACKET, (int) number(window, at + 1, 2) & 0x1fff);
    }
    return PACKET;
  }

  /** A packet of an elementary stream begins, with or without a time stamp. */
  private void packet(byte[] window, int at, int end, int pid) {
    int shown = Math.min(3, end - at);
    if (shown <= 0 || number(window, at, shown) != (shown == 3 ? 1 : 0)) {
      return;
    }
    // A start code that goes on in the next packet is assumed to begin a picture.
    int kind = at + 4 <= end ? window[at + 3] & 0xff : 0xe0;
    Stream stream = kind == PADDING ? null : stream(pid);
    if (stream == null) {
      return;
    }
    stream.starts++;
    stream.video |= kind >= 0xe0 && kind <= 0xef;
    boolean mayBeStamped = kind == 0xbd || (kind >= 0xc0 && kind <= 0xef) || kind == 0xfd;
    if (mayBeStamped && at + 14 <= end) {
      int flags = window[at + 7] >>> 6 & 3;
      if (flags == 2 || (flags == 3 && at + 19 <= end)) {
        stream.stamp(stamp(window, at + (flags == 3 ? 14 : 9)));
      }
    }
  }

  /** The stream with this number, or null when there are too many streams. */
  private Stream stream(int pid) {
    if (streams.size() >= MOST_STREAMS && !streams.containsKey(pid)) {
      tooMany = true;
      return null;
    }
    return streams.computeIfAbsent(pid, fresh -> new Stream());
  }

  private static long stamp(byte[] window, int at) {
    return (long) (window[at] >>> 1 & 7) << 30
        | (number(window, at + 1, 2) >>> 1) << 15
        | number(window, at + 3, 2) >>> 1;
  }

  @Override
  long seenMillis() {
    if (tooMany || streams.values().stream().anyMatch(Stream::isUnreadable)) {
      return 0;
    }
    double longest = 0;
    for (Stream stream : streams.values()) {
      longest = Math.max(longest, stream.seconds());
    }
    return Math.round(longest * 1_000);
  }
}
