package io.naap.router;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Small files of the kinds that jobs are given. */
public final class Samples {
  private Samples() {}

  /** Silence, 16 bits a sample. */
  public static byte[] wav(int seconds) {
    int rate = 16_000;
    ByteBuffer file = ByteBuffer.allocate(44 + seconds * rate * 2).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + seconds * rate * 2);
    file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    file.putShort((short) 1).putShort((short) 1).putInt(rate).putInt(rate * 2);
    file.putShort((short) 2).putShort((short) 16);
    file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(seconds * rate * 2);
    return file.array();
  }

  /** An MP3 of 128 kbit/s and 44,100 samples a second: 417 bytes and 1,152 samples a frame. */
  public static byte[] mp3(int frames) {
    ByteBuffer file = ByteBuffer.allocate(frames * 417);
    for (int frame = 0; frame < frames; frame++) {
      file.putInt(frame * 417, 0xfffb9000);
    }
    return file.array();
  }

  /** A file made by ffmpeg, of three seconds. */
  public static byte[] file(String name) {
    try (java.io.InputStream in = Samples.class.getResourceAsStream("/media/" + name)) {
      return in.readAllBytes();
    } catch (java.io.IOException missing) {
      throw new AssertionError(missing);
    }
  }

  /** The beginning of a PNG, which is all that is looked at. */
  public static byte[] png(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(64);
    file.putInt(0x89504e47).putInt(0x0d0a1a0a).putInt(13).putInt(0x49484452);
    file.putInt(width).putInt(height);
    return file.array();
  }
}
