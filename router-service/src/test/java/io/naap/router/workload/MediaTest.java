package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTest {
  private static final int RATE = 16_000;

  /** The beginning of a WAV file of one channel and 16 bits. */
  private static Buffer wav(int format, int subFormat, long bytesPerSecond, long dataBytes) {
    ByteBuffer file = ByteBuffer.allocate(68).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(60);
    file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(40);
    file.putShort((short) format).putShort((short) 1).putInt(RATE).putInt((int) bytesPerSecond);
    file.putShort((short) 2).putShort((short) 16);
    file.putShort((short) 22).putShort((short) 16).putInt(0);
    file.putShort((short) subFormat).put(new byte[14]);
    file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt((int) dataBytes);
    return Buffer.buffer(file.array());
  }

  private static long millis(Buffer wav) {
    return Media.wav(wav).orElseThrow().millis(wav.length() + 2L * RATE * 60);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 0xffffffffL, 0x7fffffffL, 2L * RATE * 60})
  void aStreamThatDoesNotSayItsLengthLastsToTheEndOfTheFile(long dataBytes) {
    assertThat(millis(wav(1, 0, 2 * RATE, dataBytes))).isEqualTo(60_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6, 7})
  void whatCanBeComputedIsNotBelieved(int format) {
    assertThat(millis(wav(format, 0, 0xfffffff0L, 0))).isEqualTo(60_000);
  }

  @Test
  void anExtensibleFormatIsReadThrough() {
    assertThat(millis(wav(0xfffe, 1, 0xfffffff0L, 0))).isEqualTo(60_000);
    assertThat(Media.wav(wav(0xfffe, 0x55, 0xfffffff0L, 0))).isEmpty();
  }

  @Test
  void aCompressedSoundsOwnWordForItsSpeedIsNotTaken() {
    assertThat(Media.wav(wav(0x55, 0, 0xfffffff0L, 0))).isEmpty();
  }

  private static Buffer hex(String hex) {
    return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /** Each 640 wide and 480 high. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "89504e47 0d0a1a0a 0000000d 49484452 00000280 000001e0",
        "ffd8 ffe0 0004 0000 ffc0 0011 08 01e0 0280 03",
        "ffd8 ffffff ffe1 0002 ff01 ffc2 0011 08 01e0 0280 03",
        "474946383961 8002 e001 0000",
        "52494646 00000000 57454250 56503820 00000000 000000 9d012a 8002 e001",
        "52494646 00000000 57454250 5650384c 00000000 2f 7fc27700 0000000000",
        "52494646 00000000 57454250 56503858 0a000000 00000000 7f0200 df0100"
      })
  void readsAPicturesSize(String picture) {
    assertThat(Media.pixels(hex(picture))).hasValue(640 * 480);
    assertThat(Media.picture(hex(picture))).isNotEqualTo(Media.Picture.OTHER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "89504e47 0d0a1a0a 00000000",
        "ffd8 ffe1 ffff 000000000000",
        "ffd8 ffda 0004 0000 ffc0 0011 08 01e0 0280 03",
        "ffd8 ffffffffffffffffffff",
        "52494646 00000000 57454250 00000000",
        "474946383961 000000000000"
      })
  void aPictureWhoseSizeIsNotHereIsKnownAsOne(String picture) {
    assertThat(Media.pixels(hex(picture))).isEmpty();
    assertThat(Media.picture(hex(picture))).isNotEqualTo(Media.Picture.OTHER);
  }

  @Test
  void whatIsNoPictureIsNone() {
    assertThat(Media.picture(Buffer.buffer("not a picture, but text")))
        .isEqualTo(Media.Picture.OTHER);
    assertThat(Media.picture(Buffer.buffer())).isEqualTo(Media.Picture.OTHER);
  }
}
