package io.naap.deploy.simulator;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Small but real media: PNG images of the size asked for, WAV of a length. */
final class Media {
  private static final byte[] PNG_START = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  private Media() {}

  /** An RGB gradient, different for every seed. */
  static byte[] png(int width, int height, long seed) {
    try {
      ByteArrayOutputStream pixels = new ByteArrayOutputStream();
      try (DeflaterOutputStream deflated =
          new DeflaterOutputStream(pixels, new Deflater(Deflater.BEST_SPEED))) {
        byte[] row = new byte[1 + width * 3];
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            row[1 + x * 3] = (byte) (x * 255 / width);
            row[2 + x * 3] = (byte) (y * 255 / height);
            row[3 + x * 3] = (byte) seed;
          }
          deflated.write(row);
        }
      }
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      png.write(PNG_START);
      chunk(
          png,
          "IHDR",
          ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put((byte) 2).array());
      chunk(png, "IDAT", pixels.toByteArray());
      chunk(png, "IEND", new byte[0]);
      return png.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Silence, 16 bit mono at 16 kHz. */
  static byte[] wav(long milliseconds) {
    int data = Math.toIntExact(milliseconds * 32);
    ByteBuffer wav = ByteBuffer.allocate(44 + data).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + data);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(16_000).putInt(32_000);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data);
    return wav.array();
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data)
      throws IOException {
    DataOutputStream out = new DataOutputStream(png);
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
