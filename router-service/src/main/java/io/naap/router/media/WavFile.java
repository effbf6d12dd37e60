package io.naap.router.media;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * WAV (RIFF, RF64). The byte rate of uncompressed sound is computed from its format, because a
 * header may lie about it. The sound ends where its header says or at the end of the file,
 * whichever comes first, and goes on in each further chunk of sound, as players do. ADPCM is
 * counted in blocks, MP3 in frames.
 */
final class WavFile extends MediaMeter {
  private static final int HEADER = 12;
  private static final int CHUNK = 8;
  private static final int EXTENSIBLE = 0xfffe;
  private static final long OPEN = 0xffff_ffffL;

  private boolean begun;
  private double perSecond;
  private boolean isLong;
  private boolean hasFormat;
  private boolean inSound;

  /**
   * True after sound of an odd length: some players expect a padding byte here, and others do not.
   */
  private boolean unaligned;

  /** The bytes of this chunk of sound that are still to come. */
  private long left;

  /** The bytes before the first sound. */
  private long before;

  private boolean hasSound;
  private long soundBytes;
  private final MpegAudio mp3 = new MpegAudio();
  private boolean isMp3;

  WavFile() {
    super(1 << 16);
  }

  @Override
  long piece(byte[] window, int at) {
    int rest = window.length - at;
    if (!begun) {
      begun = rest >= HEADER;
      isLong = is(window, at, "RF64");
      before = HEADER;
      return begun ? HEADER : 0;
    }
    if (inSound) {
      return sound(window, at);
    }
    if (rest < CHUNK) {
      return 0;
    }
    if (unaligned && !is(window, at, "data")) {
      return 1;
    }
    long used = chunk(window, at);
    if (soundBytes == 0) {
      before += Math.max(0, used);
    }
    return used;
  }

  private long sound(byte[] window, int at) {
    long now = Math.min((long) window.length - at, left);
    if (isMp3) {
      mp3.take(Buffer.buffer(Arrays.copyOfRange(window, at, at + (int) now)));
    }
    soundBytes += now;
    left -= now;
    inSound = left > 0;
    return now;
  }

  /** Reads a chunk's header, and skips its content when that is not sound. */
  private long chunk(byte[] window, int at) {
    long size = little(window, at + 4, 4);
    if (is(window, at, "data")) {
      hasSound = true;
      inSound = true;
      // A long file (RF64) has its sizes elsewhere; after a padding byte that is not sure to be
      // there, no size can be trusted.
      boolean toTheEnd = isLong || unaligned || size == 0 || size == OPEN;
      left = toTheEnd ? Long.MAX_VALUE : size;
      unaligned |= (size & 1) != 0;
      return perSecond > 0 || isMp3 ? CHUNK : -1;
    }
    if (is(window, at, "fmt ") && !hasSound) {
      if (size < 16 || size > 4_096 || hasFormat) {
        return -1;
      }
      if (window.length - at < CHUNK + size) {
        return 0;
      }
      hasFormat = true;
      format(window, at + CHUNK, (int) size);
    }
    return CHUNK + size + (size & 1);
  }

  private void format(byte[] window, int at, int size) {
    int format = (int) little(window, at, 2);
    if (format == EXTENSIBLE && size >= 26) {
      format = (int) little(window, at + 24, 2);
    }
    double channels = little(window, at + 2, 2);
    double rate = little(window, at + 4, 4);
    double block = little(window, at + 12, 2);
    double bits = little(window, at + 14, 2);
    perSecond =
        switch (format) {
          // PCM in whole numbers and in floating point, A-law and mu-law.
          case 1, 3, 6, 7 -> rate * channels * bits / 8;
          case 2 -> rate * block / ((block - 7 * channels) * 2 / channels + 2);
          case 0x11 -> rate * block / ((block - 4 * channels) * 2 / channels + 1);
          default -> 0;
        };
    if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
      perSecond = 0;
    }
    isMp3 = format == 0x55 || format == 0x50;
  }

  @Override
  OptionalLong wholeMillis(long allBytes) {
    if (!hasSound || perSecond <= 0) {
      return OptionalLong.empty();
    }
    // Sound may go on after the end that the header gives.
    long sound = Math.max(soundBytes, allBytes - before);
    return OptionalLong.of((long) Math.ceil(sound * 1_000 / perSecond));
  }

  @Override
  long seenMillis() {
    return isMp3
        ? mp3.millis().orElse(0)
        : perSecond > 0 ? (long) Math.ceil(soundBytes * 1_000 / perSecond) : 0;
  }
}
