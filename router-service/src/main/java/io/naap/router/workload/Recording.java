package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.naap.router.media.MediaMeter;
import io.naap.router.media.MediaMeters;
import io.vertx.core.buffer.Buffer;

/**
 * Measures the recording of one job. Its beginning is read before the job is admitted, and the
 * whole of it as it passes. A file of an unknown kind is refused, because a guess would let the
 * sender choose what the job costs.
 */
final class Recording {
  /**
   * The bit rate of the slowest speech codec, by which a file is billed that could not be measured.
   */
  static final long SLOWEST_BITS = 4_000;

  /**
   * The highest bit rate: no recording lasts less than its bytes at this rate, whatever its headers
   * say.
   */
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
   * @param usualBits the bit rate by which money is held for a file that tells its length at its
   *     end
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

  /** The expected length of a file of so many bytes, in milliseconds. */
  long expected(long bytes) {
    return Math.max(
        least(Math.max(bytes, meter.bytes())),
        meter.expectedMillis(bytes).orElseGet(() -> Math.ceilDiv(bytes * 8_000, usualBits)));
  }

  /** The most that a recording of so many bytes can last, in milliseconds. */
  long most(long bytes) {
    return Math.max(expected(bytes), Math.ceilDiv(bytes * 8_000, SLOWEST_BITS));
  }

  /** The length of the whole file, once it has passed, in milliseconds. */
  long measured() {
    return Math.max(
        least(meter.bytes()),
        meter.millis().orElseGet(() -> Math.ceilDiv(meter.bytes() * 8_000, SLOWEST_BITS)));
  }

  private static long least(long bytes) {
    return Math.max(1, Math.ceilDiv(bytes * 8_000, FASTEST_BITS));
  }
}
