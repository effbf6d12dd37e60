package io.naap.router.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers whose times lie: no stream is faster than its kind ever is. */
class MediaByteFloorsTest {
  private static final Percentage CLOSE = withPercentage(3);

  private static long millis(Buffer file) {
    MediaMeter meter = MediaMeters.recording(file).orElseThrow();
    meter.take(file);
    return meter.millis().orElse(0);
  }

  private static Buffer text(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  // --- Ogg ---

  /** A page of packets of less than 255 bytes each, or more when it is only one. */
  private static Buffer page(int flags, int samples, Buffer packet, int count, boolean ends) {
    int pieces = packet.length() / 255;
    Buffer page = text("OggS\0").appendByte((byte) flags).appendLongLE(samples);
    page.appendIntLE(7).appendIntLE(0).appendIntLE(0);
    page.appendByte((byte) (count * (pieces + (ends ? 1 : 0))));
    for (int next = 0; next < count; next++) {
      for (int piece = 0; piece < pieces; piece++) {
        page.appendByte((byte) 255);
      }
      if (ends) {
        page.appendByte((byte) (packet.length() % 255));
      }
    }
    for (int next = 0; next < count; next++) {
      page.appendBuffer(packet);
    }
    return page;
  }

  /** The first packet of a stream of 48,000 samples a second. */
  private static Buffer first(String kind) {
    Buffer head = text(kind).appendBytes(new byte[80]);
    return switch (kind.charAt(1)) {
      case 'v' -> head.setIntLE(12, 48_000);
      case 'F' -> head.setInt(27, 48_000 << 12);
      case 'p' -> head.setIntLE(36, 48_000);
      default -> throw new AssertionError(kind);
    };
  }

  /** 250,000 bytes of sound that say they last a twentieth of a second. */
  private static Buffer ogg(String kind, int headerBytes) {
    Buffer file = page(2, 0, first(kind), 1, true);
    file.appendBuffer(page(0, 0, Buffer.buffer(new byte[headerBytes]), 1, true));
    file.appendBuffer(page(0, 0, Buffer.buffer(new byte[200]), 1, true));
    for (int next = 0; next < 100; next++) {
      file.appendBuffer(page(0, 2_400, Buffer.buffer(new byte[250]), 10, true));
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({"'\u0001vorbis', 2000", "'Speex   ', 2000", "'\u007fFLAC', 100"})
  void anOggWhosePagesSayLittleLastsAsLongAsItsBytes(String kind, long lasts) {
    assertThat(millis(ogg(kind, 200))).isCloseTo(lasts, CLOSE);
  }

  @Test
  void aPictureInTheHeadersOfAnOggIsNoSound() {
    assertThat(millis(ogg("\u0001vorbis", 60_000))).isCloseTo(2_000L, CLOSE);
  }

  @Test
  void packetsOfOpusOverManyPagesAreCounted() {
    Buffer file = page(2, 0, text("OpusHead").appendBytes(new byte[20]), 1, true);
    // From here on each page ends within a packet, that of the tags included.
    file.appendBuffer(page(0, 0, Buffer.buffer(new byte[255]), 1, false));
    for (int next = 0; next < 101; next++) {
      Buffer page = text("OggS\0\u0001").appendLongLE(960).appendIntLE(7).appendLongLE(0);
      page.appendByte((byte) 2).appendByte((byte) 1).appendByte((byte) 255).appendByte((byte) 0);
      // Twenty milliseconds in one frame.
      file.appendBuffer(page).appendByte((byte) 0x98).appendBytes(new byte[254]);
    }
    assertThat(millis(file)).isCloseTo(2_000L, CLOSE);
  }

  // --- Matroska ---

  private static Buffer hex(long bytes, int length) {
    Buffer all = Buffer.buffer();
    for (int next = length - 1; next >= 0; next--) {
      all.appendByte((byte) (bytes >> (8 * next)));
    }
    return all;
  }

  private static Buffer element(long id, int idLength, Buffer content) {
    return hex(id, idLength).appendInt(0x10000000 | content.length()).appendBuffer(content);
  }

  private static Buffer track(int number, String codec, boolean codecFirst) {
    Buffer itsNumber = element(0xd7, 1, hex(number, 1));
    Buffer itsCodec = element(0x86, 1, text(codec));
    return element(
        0xae, 1, codecFirst ? itsCodec.appendBuffer(itsNumber) : itsNumber.appendBuffer(itsCodec));
  }

  /** 250,000 bytes of sound in blocks that all begin within a twentieth of a second. */
  private static Buffer matroska(Buffer tracks, int flags) {
    Buffer file = element(0x1a45dfa3L, 4, Buffer.buffer());
    file.appendBuffer(hex(0x18538067L, 4)).appendBuffer(hex(0x01ffffffffffffffL, 8));
    file.appendBuffer(element(0x1654ae6bL, 4, tracks));
    file.appendBuffer(hex(0x1f43b675L, 4)).appendBuffer(hex(0x01ffffffffffffffL, 8));
    file.appendBuffer(element(0xe7, 1, hex(0, 1)));
    for (int next = 0; next < 100; next++) {
      Buffer block = hex(0x81, 1).appendShort((short) (next / 2)).appendByte((byte) flags);
      file.appendBuffer(element(0xa3, 1, block.appendBytes(new byte[2_500])));
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({
    "A_VORBIS, 2000",
    "A_AAC, 2000",
    "A_MPEG/L3, 2000",
    "A_FLAC, 100",
    "A_PCM/INT/LIT, 100",
    "A_DTS, 100",
    "V_VP9, 50"
  })
  void aMatroskaWhoseBlocksSayLittleLastsAsLongAsItsBytes(String codec, long lasts) {
    assertThat(millis(matroska(track(1, codec, false), 0x80))).isCloseTo(lasts, CLOSE);
  }

  @Test
  void aCodecMayStandBeforeTheNumberOfItsTrack() {
    Buffer tracks = track(2, "V_VP9", false).appendBuffer(track(1, "A_AAC", true));
    assertThat(millis(matroska(tracks, 0x80))).isCloseTo(2_000L, CLOSE);
  }

  @Test
  void ofTwoTracksOfOneNumberTheSlowerCounts() {
    Buffer tracks = track(1, "A_AAC", false).appendBuffer(track(1, "A_FLAC", false));
    assertThat(millis(matroska(tracks, 0x80))).isCloseTo(2_000L, CLOSE);
  }

  @Test
  void manyFramesOfOpusInOneBlockLastAsLongAsTheirBytes() {
    assertThat(millis(matroska(track(1, "A_OPUS", false), 0x82))).isCloseTo(2_000L, CLOSE);
  }

  @Test
  void aMatroskaOfTooManyTracksIsNotRead() {
    Buffer tracks = Buffer.buffer();
    for (int number = 1; number <= 65; number++) {
      tracks.appendBuffer(track(number, "A_FLAC", false));
    }
    assertThat(millis(matroska(tracks, 0x80))).isZero();
  }
}
