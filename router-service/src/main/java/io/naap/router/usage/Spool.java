package io.naap.router.usage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * An append-only file of usage in segments. A record is its length, its CRC-32 and its bytes;
 * positions are 1, 2, 3, ... without gaps. Written to the operating system before {@link #append}
 * returns, so the death of the process loses nothing; forced to the disk by {@link #sync}. A torn
 * tail is cut off when the spool is opened.
 */
final class Spool implements AutoCloseable {
  private static final int HEADER = 8;
  private static final int MAX_RECORD = 1 << 20;

  private final Path directory;
  private final long segmentBytes;
  private final String id;
  private final TreeMap<Long, Path> segments = new TreeMap<>();
  private FileChannel tail;
  private long next = 1;
  private long bytes;
  private long tailBytes;
  private boolean dirty;
  private final CRC32 crc = new CRC32();
  private ByteBuffer frame = ByteBuffer.allocateDirect(8 * 1024);

  Spool(Path directory, long segmentBytes) throws IOException {
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    Files.createDirectories(directory);
    Path idFile = directory.resolve("id");
    if (!Files.exists(idFile)) {
      Files.writeString(
          idFile,
          Long.toString(System.nanoTime() & 0xffffffffL, 36)
              + Long.toString(ProcessHandle.current().pid(), 36));
    }
    id = Files.readString(idFile).strip();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Spool::isSegment).sorted().toList()) {
        segments.put(Long.parseLong(file.getFileName().toString().substring(0, 19)), file);
      }
    }
    recover();
  }

  private static boolean isSegment(Path file) {
    return file.getFileName().toString().matches("[0-9]{19}\\.usage");
  }

  /** Names this spool: positions of another one, begun in an emptied directory, are not these. */
  String id() {
    return id;
  }

  private void recover() throws IOException {
    Map.Entry<Long, Path> last = segments.lastEntry();
    if (last == null) {
      roll();
      return;
    }
    for (Path file : segments.values()) {
      bytes += Files.size(file);
    }
    long[] count = {0};
    long good = read(last.getValue(), record -> count[0]++);
    tail = FileChannel.open(last.getValue(), StandardOpenOption.WRITE);
    bytes -= tail.size() - good;
    tail.truncate(good);
    tail.position(good);
    tailBytes = good;
    next = last.getKey() + count[0];
  }

  private void roll() throws IOException {
    if (tail != null) {
      tail.force(false);
      tail.close();
    }
    Path file = directory.resolve("%019d.usage".formatted(next));
    tail = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    segments.put(next, file);
    tailBytes = 0;
  }

  /** Makes a record for its position. */
  interface Written {
    byte[] at(long position);
  }

  /** Stores a record; returns its position. */
  synchronized long append(Written record) {
    try {
      if (tailBytes >= segmentBytes) {
        roll();
      }
      byte[] body = record.at(next);
      crc.reset();
      crc.update(body);
      int size = HEADER + body.length;
      if (frame.capacity() < size) {
        frame = ByteBuffer.allocateDirect(2 * size);
      }
      frame.clear();
      frame.putInt(body.length).putInt((int) crc.getValue()).put(body).flip();
      try {
        while (frame.hasRemaining()) {
          tail.write(frame);
        }
      } catch (IOException torn) {
        tail.truncate(tailBytes);
        tail.position(tailBytes);
        throw torn;
      }
      tailBytes += size;
      bytes += size;
      dirty = true;
      return next++;
    } catch (IOException failed) {
      throw new UncheckedIOException("the usage spool cannot be written", failed);
    }
  }

  synchronized boolean isOpen() {
    return tail.isOpen();
  }

  synchronized void sync() throws IOException {
    if (dirty) {
      tail.force(false);
      dirty = false;
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized long last() {
    return next - 1;
  }

  synchronized long first() {
    return segments.firstKey();
  }

  /** Drops the segments that hold nothing at or after a position. */
  synchronized void dropBelow(long position) throws IOException {
    if (position >= next && next > segments.lastKey()) {
      roll();
    }
    while (segments.size() > 1) {
      Long second = segments.higherKey(segments.firstKey());
      if (second > position) {
        break;
      }
      Path file = segments.pollFirstEntry().getValue();
      bytes -= Files.size(file);
      Files.delete(file);
    }
  }

  /** Reads every record in order, together with its position. */
  void each(ObjLongConsumer<String> reader) throws IOException {
    List<Map.Entry<Long, Path>> now;
    synchronized (this) {
      now = new ArrayList<>(segments.entrySet());
    }
    for (Map.Entry<Long, Path> segment : now) {
      long[] position = {segment.getKey()};
      if (Files.exists(segment.getValue())) {
        read(segment.getValue(), record -> reader.accept(record, position[0]++));
      }
    }
  }

  /** Up to so many records from a position on, in order. */
  List<String> read(long from, int most) throws IOException {
    Map.Entry<Long, Path> segment;
    synchronized (this) {
      segment = segments.floorEntry(from);
      if (segment == null) {
        segment = segments.firstEntry();
      }
    }
    List<String> records = new ArrayList<>();
    long[] position = {segment.getKey()};
    read(
        segment.getValue(),
        record -> {
          if (position[0]++ >= from && records.size() < most) {
            records.add(record);
          }
        });
    return records;
  }

  private interface Reader {
    void take(String record);
  }

  /** Where the last good record ends. */
  private static long read(Path file, Reader reader) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file));
    long good = 0;
    while (all.remaining() >= HEADER) {
      int length = all.getInt();
      int expected = all.getInt();
      if (length <= 0 || length > MAX_RECORD || length > all.remaining()) {
        break;
      }
      byte[] body = new byte[length];
      all.get(body);
      CRC32 crc = new CRC32();
      crc.update(body);
      if ((int) crc.getValue() != expected) {
        break;
      }
      reader.take(new String(body, StandardCharsets.UTF_8));
      good = all.position();
    }
    return good;
  }

  @Override
  public synchronized void close() throws IOException {
    tail.force(false);
    tail.close();
  }
}
