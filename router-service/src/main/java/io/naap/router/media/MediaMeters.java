package io.naap.router.media;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/** Chooses the meter for a file by its first bytes. */
public final class MediaMeters {
  private static final int LOOKED_AT = 16 * TransportStream.PACKET;
  private static final int TAG = 10;
  private static final String EBML = "\u001aE\u00df\u00a3";

  /** The first boxes that MP4 files have. */
  private static final List<String> BOXES =
      List.of("ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "sidx");

  /**
   * Containers that ffmpeg would read in a segment, and that are not measured there, by their first
   * bytes.
   */
  private static final List<String> OTHERS =
      List.of(
          EBML,
          "OggS",
          "RIFF",
          "FLV",
          "fLaC",
          "DKIF",
          "nut/",
          "0&\u00b2u",
          "\u0000\u0000\u0001",
          "\u0000\u0000\u0000\u0001",
          "FORM",
          "caff",
          "YUV4MPEG",
          ".RMF",
          "\u00ff\u00d8",
          "\u0089PNG",
          "GIF8",
          "ID3");

  private MediaMeters() {}

  /**
   * The meter for a recording.
   *
   * @param file its first bytes
   * @return empty for an unknown kind
   */
  public static Optional<MediaMeter> recording(Buffer file) {
    byte[] begin = file.getBytes(0, Math.min(file.length(), LOOKED_AT));
    if (starts(begin, "RIFF", "WAVE") || starts(begin, "RF64", "WAVE")) {
      return Optional.of(new WavFile());
    }
    if (MediaMeter.is(begin, 0, "fLaC")) {
      return Optional.of(new Flac());
    }
    if (MediaMeter.is(begin, 0, "OggS")) {
      return Optional.of(new Ogg());
    }
    if (MediaMeter.is(begin, 0, EBML)) {
      return Optional.of(new Matroska());
    }
    if (isMp4(begin)) {
      return Optional.of(new Mp4());
    }
    if ((MediaMeter.is(begin, 0, "ID3") && begin.length > TAG) || isFrame(begin)) {
      return Optional.of(new MpegAudio());
    }
    return TransportStream.begins(begin) ? Optional.of(new TransportStream()) : Optional.empty();
  }

  /** The meter for a segment; empty for a segment that is neither MPEG-TS nor MP4. */
  public static Optional<MediaMeter> segment(Buffer file) {
    byte[] begin = file.getBytes(0, Math.min(file.length(), LOOKED_AT));
    if (isMp4(begin)) {
      return Optional.of(new Mp4());
    }
    return TransportStream.begins(begin) ? Optional.of(new TransportStream()) : Optional.empty();
  }

  /** True for a segment of a known kind that is not accepted. */
  public static boolean isAnotherKind(Buffer file) {
    byte[] begin = file.getBytes(0, Math.min(file.length(), LOOKED_AT));
    return OTHERS.stream().anyMatch(kind -> MediaMeter.is(begin, 0, kind)) || isFrame(begin);
  }

  private static boolean isMp4(byte[] begin) {
    return begin.length >= 16 && BOXES.stream().anyMatch(box -> MediaMeter.is(begin, 4, box));
  }

  private static boolean starts(byte[] begin, String kind, String form) {
    return MediaMeter.is(begin, 0, kind) && MediaMeter.is(begin, 8, form);
  }

  /** The sync word of MPEG audio. */
  private static boolean isFrame(byte[] begin) {
    return begin.length >= 4
        && begin[0] == (byte) 0xff
        && (begin[1] & 0xe0) == 0xe0
        && (begin[1] & 0x18) != 0x08;
  }
}
