package io.naap.router.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  // --- transport streams ---

  /** A packet of an elementary stream with a time stamp of one second, or none. */
  private static Buffer packet(int kind, boolean stamped) {
    Buffer packet = bytes(188);
    packet.setInt(0, 0x47410010).setInt(4, 0x100 | kind).setByte(10, (byte) 0x80);
    if (stamped) {
      packet.setByte(11, (byte) 0x80).setByte(12, (byte) 5).setByte(13, (byte) 0x21);
      packet.setShort(14, (short) 5).setShort(16, (short) 0xbf21);
    }
    return packet;
  }

  /** A packet so full of stuffing that only the first bytes of a start code are in it. */
  private static Buffer split(int shown) {
    Buffer packet = bytes(188);
    packet.setInt(0, 0x47410030).setByte(4, (byte) (183 - shown));
    return packet;
  }

  private static Buffer packets(int stamped, int unstamped, int kind) {
    Buffer file = Buffer.buffer();
    for (int picture = 0; picture < stamped + unstamped; picture++) {
      file.appendBuffer(packet(kind, picture < stamped));
    }
    return file;
  }

  @Test
  void picturesWithoutStampsCountToo() {
    assertThat(millis(packets(600, 400, 0xe0))).isCloseTo(4_167L, CLOSE);
  }

  @Test
  void aVideoOfWhichMostHasNoStampsIsNotRead() {
    assertThat(millis(packets(400, 600, 0xe0))).isZero();
  }

  @Test
  void aStartCodeCutInTwoIsAStartWithoutStamp() {
    Buffer file = packets(20, 0, 0xe0);
    for (int picture = 0; picture < 100; picture++) {
      file.appendBuffer(split(1 + picture % 2));
    }
    assertThat(millis(file)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1000, 0, 192", "300, 700, 192", "300, 700, 189"})
  void packetsOfSoundLastAsLongAsTheShortestFrame(int stamped, int unstamped, int kind) {
    assertThat(millis(packets(stamped, unstamped, kind))).isEqualTo(2_500);
  }

  // --- WAV ---

  private static Buffer chunk(String name, int size, Buffer content) {
    return text(name).appendIntLE(size).appendBuffer(content);
  }

  private static Buffer chunk(String name, int size) {
    return chunk(name, size, bytes(size));
  }

  private static Buffer format(int rate) {
    Buffer format = bytes(16);
    format.setByte(0, (byte) 1).setByte(2, (byte) 1).setIntLE(4, rate).setByte(14, (byte) 8);
    return chunk("fmt ", 16, format);
  }

  /** Of a byte for each sample, eight in a millisecond. */
  private static Buffer wav(Buffer... chunks) {
    return all(text("RIFF\0\0\0\0WAVE"), format(8_000), all(chunks));
  }

  @Test
  void aWavOfManyPiecesLastsAsLongAsAllOfThem() {
    assertThat(millis(wav(chunk("data", 800), chunk("data", 8_000)))).isEqualTo(1_100);
    assertThat(millis(wav(chunk("data", 800), chunk("LIST", 31), bytes(1), chunk("data", 8_000))))
        .isEqualTo(1_100);
  }

  @Test
  void whatFollowsAnOddChunkIsFoundWithAndWithoutPadding() {
    assertThat(millis(wav(chunk("data", 799), chunk("data", 8_001)))).isEqualTo(1_100);
    assertThat(millis(wav(chunk("data", 799), bytes(1), chunk("data", 8_001)))).isEqualTo(1_100);
  }

  @Test
  void aFalseChunkBehindAnOddOneHidesNoSound() {
    Buffer hidden = chunk("LIST", 10, all(chunk("data", 2, bytes(2)), chunk("data", 8_000)));
    assertThat(millis(wav(chunk("data", 799), bytes(1), hidden))).isGreaterThanOrEqualTo(1_100);
  }

  @Test
  void aWavWithATagBehindItsSoundIsExact() {
    assertThat(millis(wav(chunk("data", 800), chunk("LIST", 400)))).isEqualTo(100);
    assertThat(millis(wav(chunk("data", 799), bytes(1), chunk("LIST", 400)))).isEqualTo(100);
  }

  @Test
  void noMoreOfAWavIsMeasuredThanWasExpected() {
    Buffer file = wav(chunk("data", 800), chunk("data", 8_000));
    MediaMeter meter = MediaMeters.recording(file).orElseThrow();
    meter.take(file.getBuffer(0, 100));

    assertThat(meter.expectedMillis(file.length()).orElse(0)).isBetween(1_100L, 1_110L);
  }

  @Test
  void aWavOfTwoFormatsIsNotRead() {
    assertThat(millis(wav(format(48_000), chunk("data", 8_000)))).isZero();
  }

  @Test
  void aLongWavDoesNotEndWhereItsShortSizeSays() {
    Buffer file = wav(chunk("data", 8), bytes(8_000));
    file.setString(0, "RF64");
    assertThat(millis(file)).isGreaterThanOrEqualTo(1_000);
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

  // --- MP4 ---

  private static Buffer box(String name, Buffer... parts) {
    Buffer content = all(parts);
    return Buffer.buffer()
        .appendInt(8 + content.length())
        .appendBuffer(text(name))
        .appendBuffer(content);
  }

  private static Buffer numbers(int... numbers) {
    Buffer all = Buffer.buffer();
    for (int number : numbers) {
      all.appendInt(number);
    }
    return all;
  }

  /** Each sample of a track lasts the 48,000th part of a second. */
  private static Buffer track(int id, String codec, int samples) {
    Buffer table =
        box(
            "stbl",
            box("stsd", numbers(0, 1), box(codec, bytes(28))),
            box("stts", numbers(0, 1, samples, 1)),
            box("stsz", numbers(0, 1, samples)));
    return box(
        "trak",
        box("tkhd", numbers(0, 0, 0, id, 0, 0)),
        box("mdia", box("mdhd", numbers(0, 0, 0, 48_000, samples)), box("minf", table)));
  }

  private static Buffer film(Buffer... tracks) {
    return all(box("ftyp", numbers(0, 0)), box("moov", tracks));
  }

  @ParameterizedTest
  @ValueSource(strings = {".mp3", "avc1", "mp4a", "samr"})
  void noSampleOfAnMp4IsShorterThanTheShortestFrame(String codec) {
    assertThat(millis(film(track(1, codec, 4_800)).appendBuffer(bytes(16)))).isEqualTo(12_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sowt", "twos", "lpcm", "ipcm", "raw ", "fl32", "ulaw", "NONE"})
  void uncompressedSamplesAreAsShortAsTheyAre(String codec) {
    assertThat(millis(film(track(1, codec, 4_800)).appendBuffer(bytes(16)))).isEqualTo(100);
  }

  @Test
  void samplesOfQuickTimesAdpcmAreShort() {
    Buffer file = film(track(1, "ima4", 750));
    int rate = file.toString("ISO-8859-1").indexOf("ima4") + 28;
    assertThat(millis(file.copy().setShort(rate, (short) 48_000))).isEqualTo(1_000);
  }

  @Test
  void anMp4WithMoreThanOneMeaningIsNotRead() {
    Buffer track = track(1, "sowt", 4_800);
    assertThat(millis(film(track, track(2, "sowt", 4_800)))).isEqualTo(100);
    assertThat(millis(all(film(track), film(track)))).isZero();
    assertThat(millis(film(track, track))).isZero();
    assertThat(millis(film(track, box("cmov", bytes(100))))).isZero();
  }

  @Test
  void aTrackOfTwoDescriptionsIsNotRead() {
    Buffer description = box("stsd", numbers(0, 1), box("sowt", bytes(28)));
    Buffer header = box("mdhd", numbers(0, 0, 0, 48_000, 4_800));
    assertThat(millis(film(box("trak", box("mdia", header, description))))).isEqualTo(100);
    assertThat(millis(film(box("trak", box("mdia", header, description, description))))).isZero();
    assertThat(millis(film(box("trak", box("mdia", header, header, description))))).isZero();
  }

  @Test
  void anMp4OfTooManyTracksIsNotRead() {
    Buffer[] tracks = new Buffer[65];
    for (int id = 0; id < tracks.length; id++) {
      tracks[id] = track(id + 1, "sowt", 4_800);
    }
    assertThat(millis(film(tracks))).isZero();
  }

  @Test
  void aRunOfNoKnownTrackMakesAnMp4Unreadable() {
    Buffer fragment = box("moof", box("traf", box("trun", numbers(0, 1_000))));
    assertThat(millis(all(film(track(1, "sowt", 4_800)), fragment))).isZero();
  }

  @Test
  void aFragmentBeforeTheFilmIsNotForgotten() {
    Buffer fragment =
        box("moof", box("traf", box("tfhd", numbers(0, 1)), box("trun", numbers(0, 1_000))));
    Buffer film = film(track(1, "avc1", 4));
    assertThat(millis(all(film.getBuffer(0, 16), fragment, film.getBuffer(16, film.length()))))
        .isEqualTo(2_510);
  }

  @Test
  void aTableOfCompactSizesIsCountedToo() {
    Buffer file = file("x.3.m4a");
    String text = file.toString("ISO-8859-1");
    for (String header : new String[] {"mvhd", "mdhd"}) {
      file.setInt(text.indexOf(header) + 4 + 16, 1);
    }
    file.setInt(text.indexOf("stts") + 4 + 12, 1).setString(text.indexOf("stsz"), "stz2");
    assertThat(millis(file)).isCloseTo(3_000L, withPercentage(5));
  }
}
