package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.naap.router.media.MediaMeter;
import io.naap.router.media.MediaMeters;
import io.vertx.core.buffer.Buffer;

/**
 * How long the recording of one job lasts. Its beginning is looked at before the job is admitted,
 * all of it as it passes. A kind that is not known is refused: to guess would let its sender choose
 * what it costs.
 */
final class Recording {
  /** The slowest speech codec: what could not be measured to its end is billed as if it were so. */
  static final long SLOWEST_BITS = 4_000;

  /** No recording is faster, whatever its headers say: eight channels of studio sound are not. */
  static final long FASTEST_BITS = 50_000_000;

  private final MediaMeter meter;
  private final long usualBits;

  private Recording(MediaMeter meter, long usualBits) {
    this.meter = meter;
    this.usualBits = usualBits;
  }

  /**
   * Begins with the first bytes of the file.
   *
   * @param usualBits a second, to set money aside for a file that tells its length at its end
   */
  static Recording begin(Buffer file, long usualBits) {
    MediaMeter meter =
        MediaMeters.recording(file)
            .orElseThrow(
                () ->
                    Refusal.of(
                            415,
                            "unsupported_recording",
                            "Send the recording as WAV, MP3, MP2, AAC, M4A, MP4, FLAC, Ogg, WebM,"
                                + " Matroska or MPEG-TS.")
                        .raise());
    meter.take(file);
    return new Recording(meter, usualBits);
  }

  void pass(Buffer more) {
    meter.take(more);
  }

  /** What the whole file will last. */
  long expected(long bytes) {
    return Math.max(
        least(Math.max(bytes, meter.bytes())),
        meter.expectedMillis(bytes).orElseGet(() -> Math.ceilDiv(bytes * 8_000, usualBits)));
  }

  /** No recording of so many bytes lasts longer. */
  long most(long bytes) {
    return Math.max(expected(bytes), Math.ceilDiv(bytes * 8_000, SLOWEST_BITS));
  }

  /** What it lasted, all of it having passed. */
  long measured() {
    return Math.max(
        least(meter.bytes()),
        meter.millis().orElseGet(() -> Math.ceilDiv(meter.bytes() * 8_000, SLOWEST_BITS)));
  }

  private static long least(long bytes) {
    return Math.max(1, Math.ceilDiv(bytes * 8_000, FASTEST_BITS));
  }
}
