package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.naap.router.media.MediaMeter;
import io.naap.router.media.MediaMeters;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long a segment lasts: by its own time stamps. Only where those cannot be read does its header
 * count, and then no less than its bytes may last at {@link #SLOWEST_BITS} a second, the least that
 * is worth transcoding. It never lasts less than its bytes do at {@link #FASTEST_BITS}.
 */
final class SegmentTime {
  static final long MOST_MILLIS = 300_000;
  static final long SLOWEST_BITS = 100_000;

  /** No segment is faster, whatever its time stamps say. */
  static final long FASTEST_BITS = 50_000_000;

  /** A last frame is measured as the others are. */
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
   * @param declaredMillis of its header
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

  /** More of it; refuses what lasts too long. */
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
   * What it will last.
   *
   * @param length of all of it, or less than what has passed when not known
   */
  long expected(long length) {
    OptionalLong told =
        meter.map(reads -> reads.expectedMillis(length)).orElse(OptionalLong.empty());
    return atLeast(told, Math.max(length, bytes));
  }

  /** What it lasted, all of it having passed. */
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
