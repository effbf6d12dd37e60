package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
}
