package io.naap.router.usage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * The missing positions of a spool that are known. The file {@code gaps} keeps them, so that each
 * is reported as new once however often it is found. When the file is lost, they are reported
 * again.
 */
final class MissingRanges {
  private final Path file;
  private final String spool;
  private final Clock clock;
  private final TreeMap<Long, MissingRange> known = new TreeMap<>();
  private final List<MissingRange> fresh = new ArrayList<>();
  private boolean unsaved;

  /**
   * Reads the file.
   *
   * @param spool its id: ranges of another spool, in a directory that was half emptied, do not
   *     count
   * @param below the next position; positions from there on are not missing, whatever the file says
   */
  MissingRanges(Path directory, String spool, long below, Clock clock) throws IOException {
    this.file = directory.resolve("gaps");
    this.spool = spool;
    this.clock = clock;
    if (Files.exists(file)) {
      // One character a byte: also what a bad disk made of them can be read.
      String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      text.lines().forEach(this::read);
      known.values().removeIf(gap -> gap.to() >= below);
    }
  }

  /** Ignores a line that a disk has damaged: it could name positions that are not missing. */
  private void read(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 5 || !line.equals(line(words[0], words[1], words[2], words[3]))) {
      return;
    }
    try {
      long from = Long.parseLong(words[0]);
      known.put(
          from,
          new MissingRange(from, Long.parseLong(words[1]), words[2], Instant.parse(words[3])));
    } catch (IllegalArgumentException | DateTimeException unreadable) {
      unsaved = true;
    }
  }

  private String line(String from, String to, String reason, String foundAt) {
    String text = from + " " + to + " " + reason + " " + foundAt;
    CRC32 crc = new CRC32();
    crc.update((spool + " " + text).getBytes(StandardCharsets.ISO_8859_1));
    return text + " " + Long.toHexString(crc.getValue());
  }

  /** Notes that positions are missing, both ends included, as far as that is not known. */
  synchronized void find(long from, long to, String reason) {
    long at = from;
    MissingRange before = known.floorKey(at) == null ? null : known.floorEntry(at).getValue();
    if (before != null) {
      at = Math.max(at, before.to() + 1);
    }
    while (at <= to) {
      Long following = known.ceilingKey(at);
      long end = following == null ? to : Math.min(to, following - 1);
      if (end >= at) {
        MissingRange gap = new MissingRange(at, end, reason, clock.instant());
        known.put(at, gap);
        fresh.add(gap);
        unsaved = true;
      }
      if (following == null) {
        return;
      }
      at = known.get(following).to() + 1;
    }
  }

  /** Ranges that are new since the last time this was asked. */
  synchronized List<MissingRange> fresh() {
    List<MissingRange> all = List.copyOf(fresh);
    fresh.clear();
    return all;
  }

  /** Ranges that end above a position. */
  synchronized List<MissingRange> above(long position) {
    return known.values().stream().filter(gap -> gap.to() > position).toList();
  }

  /** Forgets ranges that lie below a position, where no records are left either. */
  synchronized void forgetBelow(long position) {
    unsaved |= known.values().removeIf(gap -> gap.to() < position);
  }

  /** Writes the file if something has changed; after a failure the next call tries again. */
  void save() throws IOException {
    StringBuilder text = new StringBuilder();
    synchronized (this) {
      if (!unsaved) {
        return;
      }
      for (MissingRange gap : known.values()) {
        text.append(
                line(
                    Long.toString(gap.from()),
                    Long.toString(gap.to()),
                    gap.reason(),
                    gap.foundAt().toString()))
            .append('\n');
      }
      unsaved = false;
    }
    try {
      Path whole = file.resolveSibling("gaps.new");
      Files.writeString(whole, text, StandardCharsets.ISO_8859_1);
      try (FileChannel written = FileChannel.open(whole, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      synchronized (this) {
        unsaved = true;
      }
      throw failed;
    }
  }
}
