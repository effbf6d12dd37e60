package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.naap.router.media.MediaMeter;
import io.naap.router.media.MediaMeters;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Measures a segment by its own time stamps. Where they cannot be read, the declared length counts,
 * and at least the time that its bytes last at {@link #SLOWEST_BITS}, the lowest rate worth
 * transcoding. A segment never counts less than its bytes at {@link #FASTEST_BITS}.
 */
final class SegmentTime {
  static final long MOST_MILLIS = 300_000;
  static final long SLOWEST_BITS = 100_000;

  /** The highest bit rate of a segment, whatever its time stamps say. */
  static final long FASTEST_BITS = 50_000_000;

  /** The last frame is assumed to last as long as the others, which may be a little too much. */
  private static final long TOLERANCE_MILLIS = 1_000;

  private final Optional<MediaMeter> meter;
  private final long declaredMillis;
  private long bytes;

  private SegmentTime(Optional<MediaMeter> meter, long declaredMillis) {
    this.meter = meter;
    this.declaredMillis = declaredMillis;
  }

  /**
   * Begins with a segment's first bytes.
   *
   * @param declaredMillis the length in the request's header
   */
  static SegmentTime begin(Buffer head, long declaredMillis) {
    Optional<MediaMeter> meter = MediaMeters.segment(head);
    if (meter.isEmpty() && MediaMeters.isAnotherKind(head)) {
      throw Refusal.of(415, "unsupported_segment", "Send segments as MPEG-TS or MP4.").raise();
    }
    SegmentTime time = new SegmentTime(meter, declaredMillis);
    time.pass(head);
    return time;
  }

  /** Takes more of the segment; refuses one that lasts too long. */
  void pass(Buffer more) {
    bytes += more.length();
    meter.ifPresent(
        reads -> {
          reads.take(more);
          OptionalLong seen = reads.millis();
          if (seen.isPresent() && seen.getAsLong() > MOST_MILLIS + TOLERANCE_MILLIS) {
            throw Refusal.invalid("A segment may last " + MOST_MILLIS / 1_000 + " seconds at most.")
                .raise();
          }
        });
  }

  /**
   * The expected length in milliseconds.
   *
   * @param length of the whole segment, or less than has passed when unknown
   */
  long expected(long length) {
    OptionalLong told =
        meter.map(reads -> reads.expectedMillis(length)).orElse(OptionalLong.empty());
    return atLeast(told, Math.max(length, bytes));
  }

  /** The length of the whole segment, once it has passed, in milliseconds. */
  long measured() {
    OptionalLong told = meter.map(MediaMeter::millis).orElse(OptionalLong.empty());
    return atLeast(told, bytes);
  }

  private long atLeast(OptionalLong told, long length) {
    long least = Math.max(1, Math.ceilDiv(length * 8_000, FASTEST_BITS));
    long lasts = told.orElseGet(() -> unread(length));
    return Math.min(MOST_MILLIS, Math.max(least, lasts));
  }

  private long unread(long length) {
    return Math.max(declaredMillis, Math.ceilDiv(length * 8_000, SLOWEST_BITS));
  }
}
