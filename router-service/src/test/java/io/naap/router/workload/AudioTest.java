package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioTest {
  /** Of MPEG 1, 44,100 samples a second: 417 bytes at 128 kbit/s, 1,152 samples each. */
  static Buffer mp3(int frames) {
    Buffer file = Buffer.buffer();
    for (int frame = 0; frame < frames; frame++) {
      file.appendBytes(new byte[] {(byte) 0xff, (byte) 0xfb, (byte) 0x90, 0})
          .appendBytes(new byte[413]);
    }
    return file;
  }

  private static Buffer page(boolean begins, long granule, byte[] data) {
    Buffer page = Buffer.buffer("OggS").appendByte((byte) 0).appendByte((byte) (begins ? 2 : 0));
    page.appendLongLE(granule).appendBytes(new byte[12]);
    page.appendByte((byte) 1).appendByte((byte) data.length);
    return page.appendBytes(data);
  }

  private static Buffer opus(int pages) {
    Buffer file = page(true, 0, "OpusHead\u0001\u0001".getBytes(StandardCharsets.US_ASCII));
    for (int page = 1; page <= pages; page++) {
      file.appendBuffer(page(false, page * 960L, new byte[120]));
    }
    return file;
  }

  private static Buffer flac(long samples) {
    return Buffer.buffer("fLaC")
        .appendBytes(new byte[14])
        .appendLong(16_000L << 44 | 15L << 36 | samples)
        .appendBytes(new byte[200_000]);
  }

  private static Buffer box(String name, Buffer content) {
    return Buffer.buffer().appendInt(8 + content.length()).appendString(name).appendBuffer(content);
  }

  private static Buffer mp4(boolean headerFirst, int perSecond, int duration) {
    Buffer header = Buffer.buffer(new byte[12]).appendInt(perSecond).appendInt(duration);
    Buffer film = box("moov", box("free", Buffer.buffer(new byte[8])));
    film = box("moov", film.getBuffer(8, film.length()).appendBuffer(box("mvhd", header)));
    film = film.appendBytes(new byte[80]).setInt(0, film.length() + 80);
    Buffer sound = box("mdat", Buffer.buffer(new byte[40_000]));
    return box("ftyp", Buffer.buffer("M4A 0000"))
        .appendBuffer(headerFirst ? film : sound)
        .appendBuffer(headerFirst ? sound : film);
  }

  /** Of less than 127 bytes, whose size takes one. */
  private static Buffer element(String id, Buffer content) {
    return Buffer.buffer(HexFormat.of().parseHex(id))
        .appendByte((byte) (0x80 | content.length()))
        .appendBuffer(content);
  }

  private static Buffer length(double units) {
    return element("4489", Buffer.buffer().appendDouble(units));
  }

  private static Buffer scale(int nanos) {
    return element("2ad7b1", Buffer.buffer().appendInt(nanos));
  }

  /** As recorders write it: a segment of unknown size, of 100,000 bytes of sound. */
  private static Buffer webm(Buffer... info) {
    Buffer said = Buffer.buffer();
    for (Buffer one : info) {
      said.appendBuffer(one);
    }
    return element("1a45dfa3", element("4282", Buffer.buffer("webm")))
        .appendBytes(HexFormat.of().parseHex("1853806701ffffffffffffff"))
        .appendBuffer(element("ec", Buffer.buffer(new byte[60])))
        .appendBuffer(element("1549a966", said))
        .appendBytes(HexFormat.of().parseHex("1f43b675100186a0"))
        .appendBytes(new byte[100_000]);
  }

  private static long millis(Buffer file) {
    return Audio.millis(file, file.length()).orElseThrow();
  }

  @Test
  void countsTheFramesOfAnMp3() {
    // 1,152,000,000 / 44,100 microseconds each.
    assertThat(millis(mp3(100))).isEqualTo(2_612);
  }

  @Test
  void readsAnMp3BehindItsTag() {
    Buffer tag = Buffer.buffer("ID3").appendBytes(new byte[] {4, 0, 0, 0, 0, 2, 0});
    Buffer file = tag.appendBytes(new byte[256]).appendBuffer(mp3(100));

    assertThat(millis(file)).isEqualTo(2_612);
  }

  @Test
  void whatIsNotHereLastsInProportion() {
    assertThat(Audio.millis(mp3(10), 417L * 1_000)).hasValue(26_100);
    assertThat(Audio.millis(opus(50), 2L * opus(50).length())).hasValue(2_000);
  }

  @Test
  void countsThePagesOfAnOggFile() {
    assertThat(millis(opus(50))).isEqualTo(1_000);
    // Two after another, of which the second begins anew.
    assertThat(millis(opus(50).appendBuffer(opus(25)))).isEqualTo(1_500);
  }

  @Test
  void believesFlacAndMp4() {
    assertThat(millis(flac(160_000))).isEqualTo(10_000);
    assertThat(millis(mp4(true, 1_000, 5_000))).isEqualTo(5_000);
    assertThat(millis(mp4(false, 48_000, 240_000))).isEqualTo(5_000);
  }

  @ParameterizedTest
  @CsvSource({"1, 348", "68719476735, 1601"})
  void aFlacThatLiesIsBelievedWithinWhatItsBytesCanBe(long samples, long least) {
    assertThat(millis(flac(samples))).isBetween(least, 200_026L * 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anMp4ThatLiesIsBelievedWithinWhatItsBytesCanBe(int duration) {
    assertThat(millis(mp4(true, 1_000_000, duration))).isGreaterThan(620);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "RIFF",
        "OggS",
        "fLaC",
        "----ftypM4A ",
        "ID3",
        "\u001aE\u00df\u00a3",
        "not a recording"
      })
  void saysNothingOfWhatItCannotRead(String file) {
    assertThat(Audio.millis(Buffer.buffer(file), 1_000)).isEmpty();
  }

  @Test
  void anMp4WhoseHeaderIsNotHereIsNotRead() {
    Buffer file = mp4(false, 1_000, 5_000);

    assertThat(Audio.millis(file.getBuffer(0, 20_000), file.length())).isEmpty();
  }

  @Test
  void believesWebM() {
    assertThat(millis(webm(scale(1_000_000), length(8_000.4)))).isEqualTo(8_001);
    assertThat(millis(webm(length(8_000)))).isEqualTo(8_000);
    assertThat(millis(webm(length(80_000), scale(100_000)))).isEqualTo(8_000);
    assertThat(millis(webm(element("4489", Buffer.buffer().appendFloat(8_000))))).isEqualTo(8_000);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e300})
  void aWebMThatSaysNoLengthIsNotRead(double units) {
    assertThat(Audio.millis(webm(length(units)), 100_200)).isEmpty();
    assertThat(Audio.millis(webm(scale(1_000_000)), 100_200)).isEmpty();
    assertThat(Audio.millis(webm(scale(0), length(8_000)), 100_200)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.MIN_VALUE, 1, 1_000, 1e14})
  void aWebMThatLiesIsBelievedWithinWhatItsBytesCanBe(double units) {
    Buffer file = webm(length(units));

    assertThat(millis(file)).isBetween(file.length() * 8L / 512, file.length() * 8L);
  }

  @Test
  void aWebMWhoseLengthIsNotHereIsNotRead() {
    Buffer late =
        element("1a45dfa3", Buffer.buffer())
            .appendBytes(HexFormat.of().parseHex("18538067ff"))
            .appendBytes(HexFormat.of().parseHex("ec20ffff"))
            .appendBytes(new byte[40_000])
            .appendBuffer(element("1549a966", length(8_000)));

    assertThat(Audio.millis(late, 2_200_000)).isEmpty();
    for (int here = 0; here < 100; here++) {
      assertThat(Audio.millis(webm(length(8_000)).getBuffer(0, here), 100_200)).isEmpty();
    }
  }

  @Test
  void aWebMOfNothingButSmallElementsIsReadInOneGo() {
    Buffer file = element("1a45dfa3", Buffer.buffer());
    file.appendBytes(HexFormat.of().parseHex("18538067ff"));
    byte[] voids = new byte[20_000_000];
    for (int at = 0; at < voids.length; at += 2) {
      voids[at] = (byte) 0xec;
      voids[at + 1] = (byte) 0x80;
    }
    file.appendBytes(voids);

    assertTimeout(
        Duration.ofSeconds(5), () -> assertThat(Audio.millis(file, file.length())).isEmpty());
  }

  @Property(tries = 2_000)
  void nothingMakesAFileLastLessThanItsBytesCan(
      @ForAll @IntRange(max = 5) int kind,
      @ForAll @Size(max = 64) byte[] noise,
      @ForAll @IntRange(max = 400) int at,
      @ForAll @LongRange(min = 1, max = 1L << 40) long bytes) {
    Buffer file =
        switch (kind) {
          case 0 -> mp3(3);
          case 1 -> opus(3);
          case 2 -> flac(16_000).getBuffer(0, 500);
          case 3 -> mp4(true, 1_000, 5_000).getBuffer(0, 500);
          case 4 -> webm(scale(1_000_000), length(8_000)).getBuffer(0, 500);
          default -> opus(2).appendBuffer(opus(2));
        };
    for (int index = 0; index < noise.length && at + index < file.length(); index++) {
      file.setByte(at + index, noise[index]);
    }
    long least = Math.ceilDiv(bytes * 8_000, 4_608_000);

    Audio.millis(file, bytes).ifPresent(millis -> assertThat(millis).isBetween(least, bytes * 8));
  }
}
