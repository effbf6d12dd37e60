package io.naap.router.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made by ffmpeg, three seconds each, whole and spoiled. */
class MediaMetersTest {
  private static final Percentage CLOSE = withPercentage(3);
  private static final String[] FILES = {
    "cbr.3.mp3",
    "vbr.3.mp3",
    "x.3.mp2",
    "x.3.aac",
    "x.3.m4a",
    "frag.3.mp4",
    "x.3.opus",
    "x.3.ogg",
    "x.3.webm",
    "piped.3.mkv",
    "x.3.flac",
    "x.3.wav",
    "x.3.ts",
    "v.3.mp4"
  };

  private static Buffer file(String name) {
    try (InputStream in = MediaMetersTest.class.getResourceAsStream("/media/" + name)) {
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException missing) {
      throw new AssertionError(missing);
    }
  }

  private static MediaMeter meter(Buffer file) {
    return MediaMeters.recording(file).orElseThrow();
  }

  private static long millis(Buffer file, int piece) {
    MediaMeter meter = meter(file);
    for (int at = 0; at < file.length(); at += piece) {
      meter.take(file.getBuffer(at, Math.min(file.length(), at + piece)));
    }
    return meter.millis().orElse(0);
  }

  private static long millis(Buffer file) {
    return millis(file, Math.max(1, file.length()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cbr.3.mp3", "vbr.3.mp3", "x.3.mp2", "x.3.aac", "x.3.m4a", "frag.3.mp4", "x.3.opus",
        "x.3.ogg", "x.3.webm", "piped.3.mkv", "x.3.flac", "x.3.wav", "x.3.ts", "v.3.mp4"
      })
  void measuresARealFileHoweverItIsCut(String name) {
    Buffer file = file(name);
    long whole = millis(file);

    // An encoder adds up to two frames of its own, which are a part of what three seconds are.
    assertThat(whole).isCloseTo(3_000L, withPercentage(5));
    for (int piece : new int[] {1, 7, 188, 1_000}) {
      assertThat(millis(file, piece)).isEqualTo(whole);
    }
    // What follows it in a form is not a part of it.
    assertThat(millis(file.copy().appendString("\r\n--boundary--\r\n"))).isCloseTo(whole, CLOSE);
  }

  @Test
  void segmentsAreOfTwoKinds() {
    assertThat(MediaMeters.segment(file("x.3.ts"))).isPresent();
    assertThat(MediaMeters.segment(file("v.3.mp4"))).isPresent();
    assertThat(MediaMeters.segment(Buffer.buffer("junk").appendBuffer(file("x.3.ts")))).isPresent();
    for (String other : new String[] {"x.3.webm", "x.3.ogg", "x.3.flac", "x.3.wav", "x.3.aac"}) {
      assertThat(MediaMeters.segment(file(other))).isEmpty();
      assertThat(MediaMeters.isAnotherKind(file(other))).isTrue();
    }
    assertThat(MediaMeters.isAnotherKind(Buffer.buffer(new byte[4_000]))).isFalse();
  }

  @Test
  void anId3TagIsNoSound() {
    Buffer tag =
        Buffer.buffer("ID3")
            .appendBytes(new byte[] {4, 0, 0, 0, 0, 78, 16})
            .appendBytes(new byte[10_000]);

    assertThat(millis(tag.appendBuffer(file("cbr.3.mp3"))))
        .isCloseTo(millis(file("cbr.3.mp3")), CLOSE);
  }

  private static Buffer with(String name, String mark, int after, int... bytes) {
    Buffer file = file(name);
    String text = file.toString("ISO-8859-1");
    int found = 0;
    for (int at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      for (int next = 0; next < bytes.length; next++) {
        file.setByte(at + after + next, (byte) bytes[next]);
      }
      found++;
    }
    assertThat(found).isPositive();
    return file;
  }

  /** Durations of film and track are the last four bytes of twenty. */
  @Test
  void anMp4ThatSaysItIsShortIsCountedByItsSamples() {
    assertThat(millis(with("x.3.m4a", "mvhd", 4 + 16, 0, 0, 0, 1)))
        .isCloseTo(3_000L, withPercentage(5));
    assertThat(millis(with("x.3.m4a", "mdhd", 4 + 16, 0, 0, 0, 1)))
        .isCloseTo(3_000L, withPercentage(5));
    Buffer all = with("x.3.m4a", "mvhd", 4 + 16, 0, 0, 0, 1);
    String text = all.toString("ISO-8859-1");
    for (String table : new String[] {"mdhd", "stts"}) {
      int at = text.indexOf(table) + 4 + (table.equals("mdhd") ? 16 : 12);
      all.setBytes(at, new byte[] {0, 0, 0, 1});
    }
    assertThat(millis(all)).isCloseTo(3_000L, withPercentage(5));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "4095"})
  void aFlacThatSaysItIsShortIsCountedByItsFrames(int samples) {
    Buffer file = file("x.3.flac");
    file.setByte(21, (byte) (file.getByte(21) & 0xf0)).setInt(22, samples);

    assertThat(millis(file)).isCloseTo(3_000L, CLOSE);
  }

  @Test
  void anOpusFileWhosePagesSayLittleIsCountedByItsPackets() {
    assertThat(millis(with("x.3.opus", "OggS", 6, 1, 0, 0, 0, 0, 0, 0, 0)))
        .isCloseTo(3_000L, CLOSE);
  }

  @Test
  void aWebMWhoseDurationIsSmallIsCountedByItsBlocks() {
    assertThat(millis(with("x.3.webm", "D\u0089\u0088", 3, 0, 0, 0, 0, 0, 0, 0, 0)))
        .isCloseTo(3_000L, CLOSE);
  }

  // --- transport streams ---

  /** One packet of a stream with a time stamp of the decoder. */
  private static Buffer packet(int pid, long stamp) {
    Buffer packet = Buffer.buffer(new byte[188]);
    packet.setByte(0, (byte) 0x47).setByte(1, (byte) (0x40 | pid >> 8)).setByte(2, (byte) pid);
    packet.setByte(3, (byte) 0x10).setInt(4, 0x000001e0).setByte(10, (byte) 0x80);
    packet.setByte(11, (byte) 0x80).setByte(12, (byte) 5);
    packet.setByte(13, (byte) (0x21 | (stamp >> 29 & 0xe)));
    packet.setShort(14, (short) ((stamp >> 14 & 0xfffe) | 1));
    packet.setShort(16, (short) ((stamp << 1 & 0xfffe) | 1));
    return packet;
  }

  private interface Stamps {
    long at(int picture);
  }

  private static long lasts(int pictures, Stamps stamps) {
    Buffer file = Buffer.buffer();
    for (int picture = 0; picture < pictures; picture++) {
      file.appendBuffer(packet(256, stamps.at(picture) & ((1L << 33) - 1)));
    }
    MediaMeter meter = MediaMeters.segment(file).orElseThrow();
    meter.take(file);
    return meter.millis().orElse(0);
  }

  @Test
  void timePassesWithTheStampsOfATransportStream() {
    assertThat(lasts(50, picture -> 3_600L * picture)).isEqualTo(2_000);
    // Over the end of their 33 bits.
    assertThat(lasts(50, picture -> (1L << 33) - 90_000 + 3_600L * picture)).isEqualTo(2_000);
  }

  @Test
  void stampsThatBeginAnewDoNotHideHowMuchThereIs() {
    assertThat(lasts(1_000, picture -> 3_600L * (picture % 10))).isCloseTo(40_000L, CLOSE);
    assertThat(lasts(1_000, picture -> 90_000)).isCloseTo(4_167L, CLOSE);
    assertThat(lasts(1_000, picture -> -picture * 90_000L)).isGreaterThanOrEqualTo(4_166);
  }

  @Test
  void theLongestOfManyStreamsCounts() {
    Buffer file = Buffer.buffer();
    for (int picture = 0; picture < 50; picture++) {
      file.appendBuffer(packet(256, picture)).appendBuffer(packet(300, 3_600L * picture));
    }
    MediaMeter meter = new TransportStream();
    meter.take(file);
    assertThat(meter.millis()).hasValue(2_000);
  }

  @Test
  void aFileOfMoreStreamsThanAnyIsNotRead() {
    MediaMeter meter = new TransportStream();
    for (int pid = 32; pid < 1_000; pid++) {
      meter.take(packet(pid, pid * 90L));
    }
    assertThat(meter.millis()).isEmpty();
  }

  // --- spoiled and hostile files ---

  @Property(tries = 1_000)
  void noFileBreaksAMeter(
      @ForAll @IntRange(max = 13) int which,
      @ForAll @Size(max = 64) byte[] noise,
      @ForAll @IntRange(max = 4_000) int where,
      @ForAll @IntRange(min = 1, max = 500) int piece) {
    Buffer file = file(FILES[which]);
    for (int at = 0; at < noise.length && where + at < file.length(); at++) {
      file.setByte(where + at, noise[at]);
    }
    Optional<MediaMeter> meter = MediaMeters.recording(file);
    if (meter.isPresent()) {
      for (int at = 0; at < file.length(); at += piece) {
        meter.get().take(file.getBuffer(at, Math.min(file.length(), at + piece)));
        meter.get().expectedMillis(1_000_000);
      }
      meter.get().millis().ifPresent(millis -> assertThat(millis).isPositive());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void isAsFastAsItsBytesWhateverTheyHold(int kind) {
    byte[] bytes = new byte[16 << 20];
    new Random(kind).nextBytes(bytes);
    for (int at = 0; kind > 0 && at + 2 <= bytes.length; at += 2) {
      int pair =
          switch (kind) {
            case 1 -> 0xffff;
            case 2 -> 0xec80;
            case 3 -> 0x4747;
            default -> 0xfff8;
          };
      bytes[at] = (byte) (pair >> 8);
      bytes[at + 1] = (byte) pair;
    }
    Buffer hostile = Buffer.buffer(bytes);
    for (String name : FILES) {
      assertTimeout(
          Duration.ofSeconds(10),
          () -> {
            MediaMeter meter = meter(file(name));
            meter.take(file(name));
            for (int at = 0; at < hostile.length(); at += 65_536) {
              meter.take(hostile.getBuffer(at, at + 65_536));
            }
            meter.millis();
          },
          name);
    }
  }
}
