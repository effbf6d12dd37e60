package io.naap.router.media;

/**
 * FLAC (RFC 9639). The header says how many samples there are, or that it does not know; frames are
 * found by the checksum of their headers and counted. The larger number counts.
 */
final class Flac extends MediaMeter {
  private static final int STREAM_INFO = 42;
  private static final int MOST_HEADER = 16;

  private boolean begun;
  private long rate;
  private long samples;
  private long counted;
  private boolean inFrames;

  Flac() {
    super(4_096);
  }

  @Override
  long piece(byte[] window, int at) {
    if (!begun) {
      if (window.length - at < STREAM_INFO) {
        return 0;
      }
      long packed = number(window, at + 18, 8);
      rate = packed >>> 44;
      samples = packed & 0xf_ffff_ffffL;
      begun = true;
      inFrames = (window[at + 4] & 0x80) != 0;
      return rate == 0 ? -1 : STREAM_INFO;
    }
    if (!inFrames) {
      if (window.length - at < 4) {
        return 0;
      }
      inFrames = (window[at] & 0x80) != 0;
      return 4 + number(window, at + 1, 3);
    }
    int end = window.length - MOST_HEADER;
    if (at > end) {
      return 0;
    }
    int next = at;
    while (next <= end && !(window[next] == (byte) 0xff && (window[next + 1] & 0xfe) == 0xf8)) {
      next++;
    }
    if (next > end) {
      return (long) next - at;
    }
    int block = block(window, next);
    counted += Math.max(0, block);
    return (long) next - at + (block > 0 ? 6 : 1);
  }

  /** The samples of the frame that begins here, or -1 when no frame does. */
  private static int block(byte[] window, int at) {
    int size = window[at + 2] >>> 4 & 15;
    int rateCode = window[at + 2] & 15;
    int channels = window[at + 3] >>> 4 & 15;
    if (size == 0 || rateCode == 15 || channels > 10 || (window[at + 3] & 1) != 0) {
      return -1;
    }
    int number = Integer.numberOfLeadingZeros(~(window[at + 4] << 24));
    int length = 4 + Math.max(1, number);
    if (number == 1 || number > 7) {
      return -1;
    }
    int block =
        size == 1
            ? 192
            : size < 6
                ? 144 << size
                : size == 6
                    ? (int) number(window, at + length, 1) + 1
                    : size == 7 ? (int) number(window, at + length, 2) + 1 : 1 << size;
    length += size == 6 ? 1 : size == 7 ? 2 : 0;
    length += rateCode == 12 ? 1 : rateCode > 12 ? 2 : 0;
    int sum = 0;
    for (int next = at; next < at + length; next++) {
      sum ^= window[next] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        sum = (sum & 0x80) != 0 ? (sum << 1 ^ 0x07) & 0xff : sum << 1;
      }
    }
    return sum == (window[at + length] & 0xff) ? block : -1;
  }

  @Override
  boolean growsWithBytes() {
    return samples <= counted;
  }

  @Override
  long seenMillis() {
    return rate == 0 ? 0 : Math.max(samples, counted) * 1_000 / rate;
  }
}
