package io.naap.router.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Files made to look shorter than they are, and honest ones that resemble them. */
class MediaFloorsTest {
  private static final Percentage CLOSE = withPercentage(3);

  private static Buffer file(String name) {
    try (InputStream in = MediaFloorsTest.class.getResourceAsStream("/media/" + name)) {
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException missing) {
      throw new AssertionError(missing);
    }
  }

  private static long millis(Buffer file) {
    MediaMeter meter = MediaMeters.recording(file).orElseThrow();
    for (int at = 0; at < file.length(); at += 1_000) {
      meter.take(file.getBuffer(at, Math.min(file.length(), at + 1_000)));
    }
    return meter.millis().orElse(0);
  }

  private static Buffer text(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Buffer all(Buffer... parts) {
    Buffer all = Buffer.buffer();
    for (Buffer part : parts) {
      all.appendBuffer(part);
    }
    return all;
  }

  private static Buffer bytes(int count) {
    return Buffer.buffer(new byte[count]);
  }

  // --- MP3 ---

  private static Buffer tag(int... size) {
    Buffer tag = text("ID3\u0004\0\0");
    for (int part : size) {
      tag.appendByte((byte) part);
    }
    return tag;
  }

  @Test
  void framesWithinATagInTheMiddleOfAFileAreCounted() {
    Buffer sound = file("cbr.3.mp3");
    assertThat(millis(all(sound, tag(0, 64, 0, 0), sound))).isCloseTo(2 * millis(sound), CLOSE);
  }

  @Test
  void joinedFilesWithTagsStayReadable() {
    Buffer sound = file("cbr.3.mp3");
    Buffer tagged = all(tag(0, 0, 78, 16), bytes(10_000), sound);
    assertThat(millis(all(tagged, tagged, tagged))).isCloseTo(3 * millis(sound), CLOSE);
  }

  @Test
  void aTagOfAnImpossibleSizeHidesNothing() {
    Buffer sound = file("cbr.3.mp3");
    assertThat(millis(all(tag(0, 64, 0, 0x80), sound, sound))).isCloseTo(2 * millis(sound), CLOSE);
  }
}
