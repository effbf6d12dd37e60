package io.naap.router.media;

import java.util.HashMap;
import java.util.Map;

/**
 * MPEG-TS (ISO/IEC 13818-1): time passes with the decoding time stamps of each elementary stream,
 * and the longest of them counts. A stamp that goes back begins anew, and no picture lasts less
 * than a 240th of a second, so that neither repeated nor equal stamps hide how much there is.
 */
public final class TransportStream extends MediaMeter {
  static final int PACKET = 188;
  private static final byte SYNC = 0x47;
  private static final int MOST_STREAMS = 128;
  private static final long WRAP = 1L << 33;
  private static final double TICKS = 90_000;
  private static final double MOST_PICTURES = 240;

  /** A stamp further ahead is a new beginning, and not a gap. */
  private static final long FURTHEST = 3_600L * 90_000;

  private final Map<Integer, Stream> streams = new HashMap<>();
  private boolean tooMany;

  private static final class Stream {
    private long last = -1;
    private double ticks;
    private long steps;
    private long begun;
    private long starts;

    void stamp(long stamp) {
      starts++;
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

    /** The last picture of each run lasts as long as the others do on average. */
    double seconds(boolean video) {
      double each = steps > 0 ? ticks / steps : 0;
      double all = (ticks + begun * each) / TICKS;
      return video ? Math.max(all, starts / MOST_PICTURES) : all;
    }
  }

  private final Map<Integer, Boolean> video = new HashMap<>();

  public TransportStream() {
    super(4 * PACKET);
  }

  /** True when packets follow each other in these first bytes of a file, from wherever on. */
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

  /** A packet of an elementary stream begins, perhaps with a stamp. */
  private void packet(byte[] window, int at, int end, int pid) {
    if (at + 14 > end || number(window, at, 3) != 1) {
      return;
    }
    int kind = window[at + 3] & 0xff;
    int flags = window[at + 7] >>> 6 & 3;
    boolean isMedia = kind == 0xbd || (kind >= 0xc0 && kind <= 0xef) || kind == 0xfd;
    if (!isMedia || (flags & 2) == 0 || (flags == 3 && at + 19 > end)) {
      return;
    }
    Stream stream = streams.get(pid);
    if (stream == null) {
      if (streams.size() >= MOST_STREAMS) {
        tooMany = true;
        return;
      }
      stream = new Stream();
      streams.put(pid, stream);
      video.put(pid, kind >= 0xe0 && kind <= 0xef);
    }
    stream.stamp(stamp(window, at + (flags == 3 ? 14 : 9)));
  }

  private static long stamp(byte[] window, int at) {
    return (long) (window[at] >>> 1 & 7) << 30
        | (number(window, at + 1, 2) >>> 1) << 15
        | number(window, at + 3, 2) >>> 1;
  }

  @Override
  long seenMillis() {
    if (tooMany) {
      return 0;
    }
    double longest = 0;
    for (Map.Entry<Integer, Stream> stream : streams.entrySet()) {
      longest = Math.max(longest, stream.getValue().seconds(video.get(stream.getKey())));
    }
    return Math.round(longest * 1_000);
  }
}
