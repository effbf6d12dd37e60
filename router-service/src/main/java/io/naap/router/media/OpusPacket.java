package io.naap.router.media;

/** The length of an Opus packet (RFC 6716, section 3), by its first two bytes. */
final class OpusPacket {
  private static final int[] SILK = {10_000, 20_000, 40_000, 60_000};
  private static final int[] CELT = {2_500, 5_000, 10_000, 20_000};

  private OpusPacket() {}

  static long micros(int first, int second) {
    int config = first >>> 3;
    int frame =
        config < 12
            ? SILK[config & 3]
            : config < 16 ? (config & 1) == 0 ? 10_000 : 20_000 : CELT[config & 3];
    int frames =
        switch (first & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> second & 63;
        };
    // RFC 6716 allows 120 ms a packet.
    return Math.min(120_000L, (long) frame * frames);
  }
}
