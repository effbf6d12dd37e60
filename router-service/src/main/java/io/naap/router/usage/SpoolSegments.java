package io.naap.router.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;

/** The segment files of a spool, by the position of their first record. Any thread. */
final class SpoolSegments {
  private final Path directory;
  private final TreeMap<Long, Path> files = new TreeMap<>();
  private long bytes;

  SpoolSegments(Path directory) throws IOException {
    this.directory = directory;
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.filter(SpoolSegments::isSegment).sorted().toList()) {
        files.put(Long.parseLong(file.getFileName().toString().substring(0, 19)), file);
        bytes += Files.size(file);
      }
    }
  }

  private static boolean isSegment(Path file) {
    return file.getFileName().toString().matches("[0-9]{19}\\.usage");
  }

  Path file(long first) {
    return directory.resolve("%019d.usage".formatted(first));
  }

  synchronized boolean isEmpty() {
    return files.isEmpty();
  }

  /** The position of the first record of all. */
  synchronized long first() {
    return files.firstKey();
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized void grow(long more) {
    bytes += more;
  }

  /** The bytes of the file at a position, which could not be read; 0 when there is none. */
  synchronized long size(long first) throws IOException {
    return files.containsKey(first) && Files.exists(file(first)) ? Files.size(file(first)) : 0;
  }

  /**
   * A new file begins.
   *
   * @param replaced bytes of the file whose place it takes
   */
  synchronized void add(long first, long replaced) {
    files.put(first, file(first));
    bytes -= replaced;
  }

  /**
   * A segment as it is read.
   *
   * @param following the first position of the next one; null for the last one
   */
  private record Part(Path file, long first, Long following) {}

  private synchronized List<Part> parts(long below) {
    List<Part> parts = new ArrayList<>();
    for (Map.Entry<Long, Path> file : files.headMap(below).entrySet()) {
      parts.add(new Part(file.getValue(), file.getKey(), files.higherKey(file.getKey())));
    }
    return parts;
  }

  private synchronized Part partAt(long position) {
    Map.Entry<Long, Path> file = files.floorEntry(position);
    Map.Entry<Long, Path> found = file == null ? files.firstEntry() : file;
    return new Part(found.getValue(), found.getKey(), files.higherKey(found.getKey()));
  }

  /** Reads every record below a position in order, together with its position. */
  void each(long below, ObjLongConsumer<String> reader) throws IOException {
    for (Part part : parts(below)) {
      Segment.read(
          part.file,
          part.first,
          part.following == null ? below : Math.min(part.following, below),
          (position, record) -> {
            reader.accept(record, position);
            return true;
          });
    }
  }

  /** Takes positions that no record can be read of, the first and the one after the last. */
  interface Missing {
    void found(long from, long until);
  }

  /**
   * Reads all there is.
   *
   * @return the last position that the segments tell of; 0 for none
   */
  long scan(Missing missing, ObjLongConsumer<String> reader) throws IOException {
    long last = 0;
    for (Part part : parts(Long.MAX_VALUE)) {
      long[] due = {part.first};
      Segment.read(
          part.file,
          part.first,
          part.following == null ? Long.MAX_VALUE : part.following,
          (position, record) -> {
            if (position > due[0]) {
              missing.found(due[0], position);
            }
            due[0] = position + 1;
            reader.accept(record, position);
            return true;
          });
      if (part.following != null && part.following > due[0]) {
        missing.found(due[0], part.following);
      }
      last = due[0] - 1;
    }
    return last;
  }

  /**
   * Reads up to so many records from a position on.
   *
   * @param written the last position that can be read
   */
  Spool.Records read(long from, int most, long written, Missing missing) throws IOException {
    long at = from;
    while (true) {
      Part part = partAt(at);
      // All that is written can be read, so what cannot is missing.
      long below = part.following == null ? written + 1 : part.following;
      List<String> records = new ArrayList<>();
      long[] due = {Math.max(at, part.first)};
      Segment.read(
          part.file,
          part.first,
          below,
          (position, record) -> {
            if (position >= due[0]) {
              missing.found(due[0], position);
              due[0] = position + 1;
              records.add(record);
            }
            return records.size() < most;
          });
      if (records.size() < most) {
        missing.found(due[0], below);
        due[0] = Math.max(due[0], below);
      }
      if (!records.isEmpty() || part.following == null) {
        return new Spool.Records(records, due[0]);
      }
      at = part.following;
    }
  }

  /** True when the oldest segment holds nothing at or after a position, and is not the last. */
  synchronized boolean canDropBelow(long position) {
    Long second = files.higherKey(files.firstKey());
    return second != null && second <= position;
  }

  /**
   * Deletes the segments that hold nothing at or after a position, the oldest first, without
   * holding up who appends meanwhile. Called by one thread at a time.
   */
  void dropBelow(long position) throws IOException {
    while (canDropBelow(position)) {
      Path file = partAt(first()).file;
      // Somebody may have deleted it by hand; the ones after it go all the same.
      long size = Files.exists(file) ? Files.size(file) : 0;
      Files.deleteIfExists(file);
      synchronized (this) {
        files.pollFirstEntry();
        bytes -= size;
      }
    }
  }
}
