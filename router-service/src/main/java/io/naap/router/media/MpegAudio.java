package io.naap.router.media;

/**
 * MP1, MP2 and MP3 (ISO/IEC 11172-3 and 13818-3) and AAC in ADTS (ISO/IEC 13818-7). Each frame has
 * its length, and all frames are counted, whatever a Xing or VBRI header says. A tag is skipped at
 * the beginning only: after the first frame, players look for frames inside a tag too.
 */
final class MpegAudio extends MediaMeter {
  private static final int[][] MPEG_1 = {
    {},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}
  };
  private static final int[] MPEG_2_LAYER_1 = {
    0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256
  };
  private static final int[] MPEG_2 = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };
  private static final int[] RATES = {44_100, 48_000, 32_000};
  private static final int[] ADTS_RATES = {
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350
  };

  private static final int TAG = 10;
  private static final int HEADER = 7;
  private static final int INFO = 64;
  private static final int MOST_FRAME = 8_192;

  /** The length of a file is unknown when more than a tenth of it is not frames. */
  private static final int READABLE = 10;

  private double seconds;
  private long frames;
  private long strange;
  private long tags;
  private long position;
  private long tagEnd;
  private boolean inFrames;

  MpegAudio() {
    super(2 * MOST_FRAME + INFO);
  }

  /** The header of a frame. */
  private record Frame(int length, int samples, int rate) {}

  @Override
  long piece(byte[] window, int at) {
    long used = next(window, at);
    position += used;
    return used;
  }

  private long next(byte[] window, int at) {
    int rest = window.length - at;
    if (rest < TAG) {
      return 0;
    }
    long tag = tag(window, at);
    if (tag > 0 && frames == 0 && strange == 0) {
      tags += tag;
      return tag;
    }
    tagEnd = Math.max(tagEnd, position + tag);
    Frame frame = frame(window, at);
    if (frame == null) {
      inFrames = false;
      return noFrame();
    }
    if (!inFrames) {
      // Any two bytes may look like a frame; two frames in a row are no coincidence.
      if (rest < frame.length + HEADER) {
        return 0;
      }
      Frame next = frame(window, at + frame.length);
      if (next == null || next.rate != frame.rate) {
        return noFrame();
      }
      inFrames = true;
    }
    if (frames == 0 && rest < INFO && rest < frame.length) {
      return 0;
    }
    if (frames > 0 || !saysOnlyHowLong(window, at)) {
      seconds += (double) frame.samples / frame.rate;
    }
    frames++;
    return frame.length;
  }

  private int noFrame() {
    if (position < tagEnd) {
      tags++;
    } else {
      strange++;
    }
    return 1;
  }

  /** The length of the tag that begins here, or 0. */
  private static long tag(byte[] window, int at) {
    if (!is(window, at, "ID3")) {
      return 0;
    }
    long length = 0;
    for (int next = at + 6; next < at + TAG; next++) {
      if (window[next] < 0) {
        return 0;
      }
      length = (length << 7) + window[next];
    }
    return TAG + length;
  }

  /** The first frame of a file with a variable bit rate has a table and no sound. */
  private static boolean saysOnlyHowLong(byte[] window, int at) {
    for (int next = at + 4; next < Math.min(at + INFO, window.length) - 4; next++) {
      if (is(window, next, "Xing") || is(window, next, "Info") || is(window, next, "VBRI")) {
        return true;
      }
    }
    return false;
  }

  private static Frame frame(byte[] window, int at) {
    int head = (int) number(window, at, 4);
    if (head >>> 21 != 0x7ff) {
      return null;
    }
    int version = head >>> 19 & 3;
    int layer = head >>> 17 & 3;
    if (layer == 0) {
      return (head >>> 20 & 1) == 1 ? adts(window, at) : null;
    }
    int rateAt = head >>> 10 & 3;
    int speedAt = head >>> 12 & 15;
    if (version == 1 || rateAt == 3 || speedAt == 0 || speedAt == 15) {
      return null;
    }
    boolean first = version == 3;
    int rate = RATES[rateAt] >> (first ? 0 : version == 2 ? 1 : 2);
    int speed = (first ? MPEG_1[layer] : layer == 3 ? MPEG_2_LAYER_1 : MPEG_2)[speedAt] * 1_000;
    int padding = head >>> 9 & 1;
    if (layer == 3) {
      return new Frame((12 * speed / rate + padding) * 4, 384, rate);
    }
    int samples = layer == 1 && !first ? 576 : 1_152;
    return new Frame(samples / 8 * speed / rate + padding, samples, rate);
  }

  private static Frame adts(byte[] window, int at) {
    int rateAt = window[at + 2] >>> 2 & 15;
    int length = (int) (number(window, at + 3, 3) >>> 5 & 0x1fff);
    int blocks = (window[at + 6] & 3) + 1;
    return rateAt >= ADTS_RATES.length || length < HEADER
        ? null
        : new Frame(length, 1_024 * blocks, ADTS_RATES[rateAt]);
  }

  @Override
  long seenMillis() {
    return frames < 2 || strange * READABLE > bytes() - tags ? 0 : Math.round(seconds * 1_000);
  }
}
