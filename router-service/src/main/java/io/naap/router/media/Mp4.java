package io.naap.router.media;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * MP4, M4A and fragmented MP4 (ISO/IEC 14496-12). The file's header may be at its end, and is read
 * when it passes. A file lasts as long as its headers say or as long as its samples, those of
 * fragments included, whichever is longer. AAC samples are counted one by one, because players play
 * them whatever the tables say; other compressed samples count as the shortest frame at least. A
 * file that players could read in more than one way is unreadable.
 */
public final class Mp4 extends MediaMeter {
  private static final int MOST_TABLES = 8 << 20;
  private static final int MOST_TRACKS = 64;
  private static final long OPEN = Long.MAX_VALUE >> 1;
  private static final int AAC_SAMPLES = 1_024;
  private static final int IMA_SAMPLES = 64;
  private static final double SHORTEST_SECONDS = 0.0025;

  /** Codecs whose samples are single values. */
  private static final Set<String> UNCOMPRESSED =
      Set.of(
          "sowt", "twos", "lpcm", "ipcm", "fpcm", "raw ", "in24", "in32", "fl32", "fl64", "ulaw",
          "alaw", "NONE");

  private static final int[] AAC_RATES = {
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350
  };

  private final Map<Long, Track> tracks = new HashMap<>();
  private double filmSeconds;
  private boolean hasFilm;
  private boolean unclear;

  private static final class Track {
    private double scale;
    private double headerSeconds;
    private double tableUnits;
    private double fragmentUnits;
    private long usualUnits;
    private long count;
    private long aacRate;
    private int headers;
    private int descriptions;
    private boolean ofFilm;
    private double shortestSeconds = SHORTEST_SECONDS;

    double lasts() {
      double units = scale > 0 ? (tableUnits + fragmentUnits) / scale : 0;
      return Math.max(Math.max(headerSeconds, units), count * sampleSeconds());
    }

    private double sampleSeconds() {
      if (aacRate > 0) {
        return (double) AAC_SAMPLES / aacRate;
      }
      return shortestSeconds;
    }

    /** Adds the samples of fragments that came before the file's header. */
    void addFragmentsOf(Track earlier) {
      fragmentUnits += earlier.fragmentUnits;
      count += earlier.count;
    }
  }

  public Mp4() {
    super(MOST_TABLES);
  }

  @Override
  long piece(byte[] window, int at) {
    int rest = window.length - at;
    if (rest < 16) {
      return 0;
    }
    long length = length(window, at);
    if (length < 8) {
      return -1;
    }
    boolean film = is(window, at + 4, "moov");
    if (!film && !is(window, at + 4, "moof")) {
      return length;
    }
    if (length > MOST_TABLES) {
      return -1;
    }
    if (rest < length) {
      return 0;
    }
    int end = at + (int) length;
    if (film) {
      unclear |= hasFilm;
      hasFilm = true;
      boxes(window, at + 8, end, this::inFilm);
    } else {
      boxes(window, at + 8, end, this::inFragment);
    }
    return length;
  }

  private static long length(byte[] window, int at) {
    long length = number(window, at, 4);
    return length == 1 ? number(window, at + 8, 8) & Long.MAX_VALUE : length == 0 ? OPEN : length;
  }

  private interface Boxes {
    void read(byte[] window, int at, int begin, int end);
  }

  /** Reads each box that is in another box. */
  private static void boxes(byte[] window, int from, int to, Boxes each) {
    int at = from;
    while (at + 8 <= to) {
      long length = number(window, at, 4);
      int head = 8;
      if (length == 1 && at + 16 <= to) {
        length = number(window, at + 8, 8);
        head = 16;
      }
      if (length == 0) {
        length = (long) to - at;
      }
      if (length < head || length > to - at) {
        return;
      }
      each.read(window, at + 4, at + head, at + (int) length);
      at += (int) length;
    }
  }

  private void inFilm(byte[] window, int name, int begin, int end) {
    if (is(window, name, "mvhd")) {
      filmSeconds = Math.max(filmSeconds, headerSeconds(window, begin, end));
    } else if (is(window, name, "trak")) {
      Track track = new Track();
      long[] id = {0};
      boxes(
          window,
          begin,
          end,
          (bytes, inner, from, to) -> {
            if (is(bytes, inner, "tkhd") && to - from >= 24) {
              id[0] = number(bytes, from + (bytes[from] == 1 ? 20 : 12), 4);
            } else if (is(bytes, inner, "mdia")) {
              boxes(bytes, from, to, (b, n, f, t) -> inMedia(b, n, f, t, track));
            }
          });
      addOfFilm(id[0], track);
    } else if (is(window, name, "cmov")) {
      // A compressed header could describe other samples.
      unclear = true;
    } else if (is(window, name, "mvex")) {
      boxes(
          window,
          begin,
          end,
          (bytes, inner, from, to) -> {
            if (is(bytes, inner, "trex") && to - from >= 24) {
              Track track = tracks.get(number(bytes, from + 4, 4));
              if (track != null) {
                track.usualUnits = number(bytes, from + 12, 4);
              }
            }
          });
    }
  }

  private void addOfFilm(long id, Track track) {
    track.ofFilm = true;
    unclear |= track.headers > 1 || track.descriptions > 1;
    Track earlier = tracks.put(id, track);
    if (earlier != null) {
      unclear |= earlier.ofFilm;
      track.addFragmentsOf(earlier);
    }
    if (tracks.size() > MOST_TRACKS) {
      unclear = true;
      tracks.remove(id);
    }
  }

  private static double headerSeconds(byte[] window, int begin, int end) {
    boolean wide = end - begin >= 32 && window[begin] == 1;
    if (end - begin < 20) {
      return 0;
    }
    double scale = number(window, begin + (wide ? 20 : 12), 4);
    long units = wide ? number(window, begin + 24, 8) : number(window, begin + 16, 4);
    boolean unknown = units < 0 || (!wide && units == 0xffff_ffffL);
    return scale > 0 && !unknown ? units / scale : 0;
  }

  private static void inMedia(byte[] window, int name, int begin, int end, Track track) {
    if (is(window, name, "mdhd")) {
      track.headers++;
      boolean wide = end - begin >= 32 && window[begin] == 1;
      track.scale = end - begin >= 20 ? number(window, begin + (wide ? 20 : 12), 4) : 0;
      track.headerSeconds = headerSeconds(window, begin, end);
    } else if (is(window, name, "minf") || is(window, name, "stbl")) {
      boxes(window, begin, end, (b, n, f, t) -> inMedia(b, n, f, t, track));
    } else if (is(window, name, "stts") && end - begin >= 8) {
      long entries = Math.min(number(window, begin + 4, 4), (end - begin - 8) / 8);
      for (int at = begin + 8; entries > 0; at += 8) {
        track.tableUnits += (double) number(window, at, 4) * number(window, at + 4, 4);
        entries--;
      }
    } else if ((is(window, name, "stsz") || is(window, name, "stz2")) && end - begin >= 12) {
      track.count += number(window, begin + 8, 4);
    } else if (is(window, name, "stsd") && end - begin >= 44) {
      track.descriptions++;
      track.aacRate = is(window, begin + 12, "mp4a") ? aacRate(window, begin + 8, end) : 0;
      track.shortestSeconds = shortestSeconds(window, begin + 12);
    }
  }

  /**
   * The least time that a sample of this codec lasts; a sample of QuickTime's ADPCM has 64 values.
   */
  private static double shortestSeconds(byte[] window, int codec) {
    if (UNCOMPRESSED.stream().anyMatch(kind -> is(window, codec, kind))) {
      return 0;
    }
    double rate = is(window, codec, "ima4") ? number(window, codec + 28, 2) : 0;
    return rate > 0 ? Math.min(SHORTEST_SECONDS, IMA_SAMPLES / rate) : SHORTEST_SECONDS;
  }

  /**
   * The sample rate in the decoder's configuration (ISO/IEC 14496-1, section 7.2.6); 0 when the
   * codec is not AAC.
   */
  private static long aacRate(byte[] window, int entry, int end) {
    long[] rate = {0};
    boxes(
        window,
        entry + 36,
        end,
        (bytes, name, from, to) -> {
          if (is(bytes, name, "esds")) {
            rate[0] = describedRate(bytes, from + 4, to);
          }
        });
    return rate[0];
  }

  private static long describedRate(byte[] window, int begin, int end) {
    int stream = inside(window, begin, end, 3);
    if (stream < 0 || stream + 3 > end || (window[stream + 2] & 0xe0) != 0) {
      return 0;
    }
    int decoder = inside(window, stream + 3, end, 4);
    int own = decoder < 0 ? -1 : inside(window, decoder + 13, end, 5);
    if (own < 0 || own + 2 > end) {
      return 0;
    }
    int packed = (int) number(window, own, 2);
    int kind = packed >>> 11;
    int rateAt = packed >>> 7 & 15;
    // AAC low complexity, alone or with spectral band replication.
    return (kind == 2 || kind == 5 || kind == 29) && rateAt < AAC_RATES.length
        ? AAC_RATES[rateAt]
        : 0;
  }

  /** Where the content of a descriptor begins, or -1 when another descriptor is here. */
  private static int inside(byte[] window, int at, int end, int tag) {
    if (at + 2 > end || window[at] != tag) {
      return -1;
    }
    int next = at + 1;
    while (next < end && (window[next] & 0x80) != 0) {
      next++;
    }
    return next + 1 <= end ? next + 1 : -1;
  }

  private void inFragment(byte[] window, int name, int begin, int end) {
    if (!is(window, name, "traf")) {
      return;
    }
    Track[] of = {null};
    long[] usual = {0};
    boxes(
        window,
        begin,
        end,
        (bytes, inner, from, to) -> {
          if (is(bytes, inner, "tfhd") && to - from >= 8) {
            int flags = (int) number(bytes, from + 1, 3);
            of[0] = track(number(bytes, from + 4, 4));
            int at = from + 8 + ((flags & 1) != 0 ? 8 : 0) + ((flags & 2) != 0 ? 4 : 0);
            usual[0] = (flags & 8) != 0 && at + 4 <= to ? number(bytes, at, 4) : of[0].usualUnits;
          } else if (is(bytes, inner, "trun") && of[0] == null) {
            unclear = true;
          } else if (is(bytes, inner, "trun") && to - from >= 8) {
            run(bytes, from, to, of[0], usual[0]);
          }
        });
  }

  private Track track(long id) {
    if (tracks.size() >= MOST_TRACKS && !tracks.containsKey(id)) {
      unclear = true;
      return new Track();
    }
    return tracks.computeIfAbsent(id, fresh -> new Track());
  }

  private static void run(byte[] window, int begin, int end, Track track, long usual) {
    int flags = (int) number(window, begin + 1, 3);
    long samples = number(window, begin + 4, 4);
    int at = begin + 8 + ((flags & 1) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 4 : 0);
    int size = 4 * Integer.bitCount(flags & 0xf00);
    if ((flags & 0x100) == 0) {
      track.fragmentUnits += (double) samples * usual;
      track.count += samples;
      return;
    }
    for (long sample = 0; sample < samples && at + size <= end; sample++) {
      track.fragmentUnits += number(window, at, 4);
      track.count++;
      at += size;
    }
  }

  @Override
  boolean growsWithBytes() {
    return tracks.values().stream().anyMatch(track -> track.fragmentUnits > 0);
  }

  @Override
  long seenMillis() {
    if (unclear || (!hasFilm && tracks.values().stream().allMatch(track -> track.scale == 0))) {
      return 0;
    }
    double longest = filmSeconds;
    for (Track track : tracks.values()) {
      longest = Math.max(longest, track.lasts());
    }
    return Math.round(Math.min(longest, LONGEST / 1_000.0) * 1_000);
  }
}
