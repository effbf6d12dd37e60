package io.naap.router.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jboss.logging.Logger;

/**
 * An append-only file of usage in segments. A record is its length, its CRC-32 and its bytes;
 * positions are 1, 2, 3, ... without gaps. Records are taken one by one and stored many at a time:
 * after {@link #write} they are the operating system's, so the death of the process loses nothing;
 * forced to the disk by {@link #sync}. A torn tail is cut off when the spool is opened.
 */
final class Spool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Spool.class);
  private static final int HEADER = 8;
  private static final int MAX_RECORD = 1 << 20;
  private static final int USUAL_FRAME = 64 * 1024;

  private final Opening files;
  private final Path directory;
  private final long segmentBytes;
  private final String id;
  private final TreeMap<Long, Path> segments = new TreeMap<>();

  /** Locked as long as it is open; freed with the process, however that ends. */
  private final FileChannel lock;

  private FileChannel tail;

  /** Complete segments that are still to be forced to the disk and closed. */
  private final List<FileChannel> full = new ArrayList<>();

  private long next = 1;
  private long bytes;
  private long tailBytes;
  private boolean dirty;
  private final CRC32 crc = new CRC32();

  /** Records that were taken and are not yet written. */
  private ByteBuffer frame = ByteBuffer.allocateDirect(USUAL_FRAME);

  /** The position of the last record that is written. */
  private long written;

  /** How its files are opened. */
  interface Opening {
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  Spool(Path directory, long segmentBytes) throws IOException {
    this(directory, segmentBytes, FileChannel::open);
  }

  Spool(Path directory, long segmentBytes, Opening opening) throws IOException {
    this.files = opening;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    Files.createDirectories(directory);
    lock = lock(directory);
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

  /** Two routers in one directory would write over each other's records. */
  private static FileChannel lock(Path directory) throws IOException {
    FileChannel file =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() != null) {
        return file;
      }
    } catch (OverlappingFileLockException here) {
      LOG.debugf("locked by this process: %s", here.getMessage());
    }
    file.close();
    throw new IllegalStateException(
        "naap.router.spool-directory: " + directory + " is in use by another router");
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
      roll(next);
      return;
    }
    for (Path file : segments.values()) {
      bytes += Files.size(file);
    }
    long[] count = {0};
    long good = read(last.getValue(), record -> count[0]++);
    tail = files.open(last.getValue(), StandardOpenOption.WRITE);
    bytes -= tail.size() - good;
    tail.truncate(good);
    tailBytes = good;
    next = last.getKey() + count[0];
    written = next - 1;
  }

  private void roll(long first) throws IOException {
    Path file = directory.resolve("%019d.usage".formatted(first));
    FileChannel fresh = files.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tail != null) {
      full.add(tail);
    }
    tail = fresh;
    segments.put(first, file);
    tailBytes = 0;
  }

  /** The position the next record will have. */
  synchronized long next() {
    return next;
  }

  /** Takes a record; it is stored with the next {@link #write}. Returns its position. */
  synchronized long add(byte[] record, int length) {
    crc.reset();
    crc.update(record, 0, length);
    int size = HEADER + length;
    if (frame.remaining() < size) {
      ByteBuffer larger = ByteBuffer.allocateDirect(2 * (frame.position() + size));
      frame = larger.put(frame.flip());
    }
    frame.putInt(length).putInt((int) crc.getValue()).put(record, 0, length);
    return next++;
  }

  /**
   * Stores what was taken: when this returns, the death of the process loses nothing of it.
   *
   * @throws IOException when it cannot be stored; it is kept, and the next write tries again
   */
  synchronized void write() throws IOException {
    int size = frame.position();
    if (size == 0) {
      return;
    }
    if (tailBytes >= segmentBytes) {
      roll(written + 1);
    }
    frame.flip();
    try {
      // Always where the good records end, so that a torn batch is written over.
      for (long at = tailBytes; frame.hasRemaining(); ) {
        at += tail.write(frame, at);
      }
    } catch (IOException torn) {
      frame.position(size).limit(frame.capacity());
      throw torn;
    }
    if (frame.capacity() > USUAL_FRAME) {
      frame = ByteBuffer.allocateDirect(USUAL_FRAME);
    }
    frame.clear();
    written = next - 1;
    tailBytes += size;
    bytes += size;
    dirty = true;
  }

  synchronized boolean isOpen() {
    return tail.isOpen();
  }

  /**
   * Forces what was appended so far to the disk, without holding up who appends meanwhile. Called
   * by one thread at a time.
   *
   * @throws IOException when the disk does not take it; the next time tries again
   */
  void sync() throws IOException {
    FileChannel open;
    List<FileChannel> filled;
    synchronized (this) {
      filled = List.copyOf(full);
      open = dirty ? tail : null;
      dirty = false;
    }
    try {
      for (FileChannel segment : filled) {
        segment.force(false);
        segment.close();
        synchronized (this) {
          full.remove(segment);
        }
      }
      if (open != null) {
        open.force(false);
      }
    } catch (ClosedChannelException closed) {
      // Closed by the spool's end, which forces everything itself.
      LOG.debugf("nothing was left to force: %s", closed.getMessage());
    } catch (IOException failed) {
      synchronized (this) {
        dirty = true;
      }
      throw failed;
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  /** The position of the last record that was taken; 0 for none. */
  synchronized long last() {
    return next - 1;
  }

  /** The position of the last record that is stored. */
  synchronized long written() {
    return written;
  }

  synchronized long first() {
    return segments.firstKey();
  }

  /** True when a segment holds nothing at or after a position. */
  synchronized boolean canDropBelow(long position) {
    Long second = segments.higherKey(segments.firstKey());
    return second != null && second <= position;
  }

  /**
   * Drops the segments that hold nothing at or after a position, the oldest first, without holding
   * up who appends meanwhile. Called by one thread at a time.
   */
  void dropBelow(long position) throws IOException {
    for (Path file = oldestBelow(position); file != null; file = oldestBelow(position)) {
      // Somebody may have deleted it by hand; the ones after it go all the same.
      long size = Files.exists(file) ? Files.size(file) : 0;
      Files.deleteIfExists(file);
      synchronized (this) {
        segments.pollFirstEntry();
        bytes -= size;
      }
    }
  }

  private synchronized Path oldestBelow(long position) {
    return canDropBelow(position) ? segments.firstEntry().getValue() : null;
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

  /**
   * Records in order.
   *
   * @param next the position that follows them; what lies between was lost with the machine
   */
  record Records(List<String> records, long next) {}

  /** Up to so many stored records from a position on. */
  Records read(long from, int most) throws IOException {
    long at = from;
    while (true) {
      Map.Entry<Long, Path> segment;
      Long following;
      synchronized (this) {
        segment = segments.floorEntry(at);
        if (segment == null) {
          segment = segments.firstEntry();
        }
        following = segments.higherKey(segment.getKey());
      }
      long first = at;
      List<String> records = new ArrayList<>();
      long[] position = {segment.getKey(), first};
      read(
          segment.getValue(),
          record -> {
            if (position[0]++ >= first && records.size() < most) {
              records.add(record);
              position[1] = position[0];
            }
          });
      if (!records.isEmpty() || following == null) {
        return new Records(records, position[1]);
      }
      at = following;
    }
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
    try (lock) {
      write();
      full.add(tail);
      for (FileChannel segment : full) {
        if (segment.isOpen()) {
          segment.force(false);
          segment.close();
        }
      }
    }
  }
}
