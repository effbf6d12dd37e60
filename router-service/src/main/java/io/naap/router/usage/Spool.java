package io.naap.router.usage;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjLongConsumer;
import java.util.zip.CRC32;
import org.jboss.logging.Logger;

/**
 * An append-only file of usage in segments. Positions are 1, 2, 3, ... and none is used twice, by
 * all processes that use a spool after each other: after one that was not closed, the next goes on
 * above its {@link PositionReservation}, in a new segment. Positions in between, and records that
 * cannot be read any more, are missing.
 *
 * <p>Records are added one by one and written many at a time. After {@link #write} they are the
 * operating system's, so that the death of the process loses nothing; {@link #sync} forces them to
 * the disk. Nothing but {@link #write} and {@link #close} waits for a write.
 */
final class Spool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Spool.class);
  private static final int USUAL_BATCH = 64 * 1024;

  private final Opening files;
  private final long segmentBytes;
  private final SpoolSegments segments;
  private final PositionReservation reservation;
  private final LastWritten lastWritten;
  private final MissingRanges missing;
  private final String id;
  private final boolean isEmptied;

  /** Locked as long as it is open; freed with the process, however that ends. */
  private final FileChannel directoryLock;

  /** Held while a batch is written, which one thread does at a time, and while the spool closes. */
  private final Object writing = new Object();

  private FileChannel tail;

  /** Complete segments that are still to be forced to the disk and closed. */
  private final List<FileChannel> full = new ArrayList<>();

  private long next;
  private long tailBytes;
  private boolean dirty;

  /** The last position when {@link #sync} ran last; of its thread only. */
  private long lastAtSync;

  private final CRC32 crc = new CRC32();

  /** Records that were added since the last batch ended. */
  private ByteBuffer open = ByteBuffer.allocateDirect(USUAL_BATCH);

  /** The batch that is to be written next. */
  private ByteBuffer ended = ByteBuffer.allocateDirect(USUAL_BATCH);

  /** The position of the last record of the batch that is to be written next. */
  private long endedAt;

  /** The position of the last record that is written. */
  private long written;

  /** How its files are opened. */
  interface Opening {
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  Spool(Path directory, long segmentBytes, Clock clock) throws IOException {
    this(directory, segmentBytes, clock, LastWritten.bootId(), FileChannel::open);
  }

  /**
   * @param boot names the machine's boot; another one than the last time means that the machine may
   *     have lost what was not forced to the disk
   */
  Spool(Path directory, long segmentBytes, Clock clock, String boot, Opening opening)
      throws IOException {
    this.files = opening;
    this.segmentBytes = segmentBytes;
    Files.createDirectories(directory);
    directoryLock = lock(directory);
    reservation = new PositionReservation(directory);
    lastWritten = new LastWritten(directory, boot);
    segments = new SpoolSegments(directory);
    SpoolHistory history = SpoolHistory.read(directory, segments, reservation.found(), lastWritten);
    id = history.id();
    next = history.next();
    written = next - 1;
    isEmptied = segments.isEmpty() && written > 0;
    missing = new MissingRanges(directory, id, next, clock);
    history.missing().forEach(range -> missing.find(range.from(), range.to(), range.reason()));
    reservation.begin(id, written);
    reservation.reserve(written + PositionReservation.LEAST);
    lastWritten.begin(id, written);
    lastAtSync = written;
    roll(next, StandardOpenOption.TRUNCATE_EXISTING);
    // New files are not only to be written, but found again.
    try (FileChannel names = FileChannel.open(directory)) {
      names.force(true);
    }
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

  /** Names this spool: positions of another one, begun in an emptied directory, are not these. */
  String id() {
    return id;
  }

  private void roll(long first, OpenOption... more) throws IOException {
    List<OpenOption> options = new ArrayList<>(List.of(more));
    options.add(StandardOpenOption.CREATE);
    options.add(StandardOpenOption.WRITE);
    long replaced = segments.size(first);
    FileChannel fresh = files.open(segments.file(first), options.toArray(OpenOption[]::new));
    segments.add(first, replaced);
    synchronized (this) {
      if (tail != null) {
        full.add(tail);
      }
      tail = fresh;
    }
    tailBytes = 0;
  }

  // --- appending ---

  /** The position the next record will have. */
  synchronized long next() {
    return next;
  }

  /** Adds a record to the open batch and returns its position. */
  synchronized long add(byte[] record, int length) {
    crc.reset();
    crc.update(record, 0, length);
    open = withRoom(open, Segment.HEADER + length);
    open.putInt(length).putInt((int) crc.getValue()).put(record, 0, length);
    return next++;
  }

  private static ByteBuffer withRoom(ByteBuffer batch, int size) {
    return batch.remaining() >= size
        ? batch
        : ByteBuffer.allocateDirect(2 * (batch.position() + size)).put(batch.flip());
  }

  /** Ends the open batch: records that are added from now on are not of the next write. */
  void endBatch() {
    synchronized (writing) {
      synchronized (this) {
        if (ended.position() == 0) {
          ByteBuffer empty = ended;
          ended = open;
          open = empty;
        } else {
          // The batch before could not be written.
          ended = withRoom(ended, open.position()).put(open.flip());
          open.clear();
        }
        endedAt = next - 1;
      }
    }
  }

  /** True when writing the ended batch forces a file to the disk, which may take long. */
  boolean mustReserve() {
    return endedAt > reservation.reserved();
  }

  /** Writes all that was added. */
  void write() throws IOException {
    endBatch();
    writeBatch();
  }

  /**
   * Writes the batch that was ended. Called by one thread at a time, which also ends the batches.
   *
   * @throws IOException when it cannot be written; it is kept, and the next write tries again
   */
  void writeBatch() throws IOException {
    synchronized (writing) {
      int size = ended.position();
      if (size == 0) {
        return;
      }
      if (endedAt > reservation.reserved()) {
        // Seldom here: sync is ahead of it.
        reservation.reserve(endedAt + PositionReservation.STEP);
      }
      if (tailBytes >= segmentBytes) {
        roll(written() + 1);
      }
      ended.flip();
      try {
        // Always where the good records end, so that a torn batch is written over.
        for (long at = tailBytes; ended.hasRemaining(); ) {
          at += tail.write(ended, at);
        }
      } catch (IOException torn) {
        ended.position(size).limit(ended.capacity());
        throw torn;
      }
      ended =
          ended.capacity() > USUAL_BATCH ? ByteBuffer.allocateDirect(USUAL_BATCH) : ended.clear();
      tailBytes += size;
      segments.grow(size);
      synchronized (this) {
        written = endedAt;
        dirty = true;
      }
    }
  }

  synchronized boolean isOpen() {
    return tail.isOpen();
  }

  /**
   * Forces what was written so far to the disk, without holding up who appends meanwhile. Called by
   * one thread at a time.
   *
   * @throws IOException when the disk does not take it; the next time tries again
   */
  void sync() throws IOException {
    FileChannel written;
    List<FileChannel> filled;
    synchronized (this) {
      filled = List.copyOf(full);
      written = dirty ? tail : null;
      dirty = false;
    }
    try {
      lastWritten.note(written());
      reserveAhead();
      for (FileChannel segment : filled) {
        segment.force(false);
        segment.close();
        synchronized (this) {
          full.remove(segment);
        }
      }
      if (written != null) {
        written.force(false);
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

  /**
   * Reserves several times as many positions as were used since the last time: enough that a write
   * seldom has to, and few, because after the death of the machine all of them count as missing.
   */
  private void reserveAhead() throws IOException {
    long last = last();
    long step =
        Math.clamp(8 * (last - lastAtSync), PositionReservation.LEAST, PositionReservation.STEP);
    lastAtSync = last;
    if (last + step - reservation.reserved() > step / 2) {
      reservation.reserve(last + step);
    }
  }

  // --- what it holds ---

  long bytes() {
    return segments.bytes();
  }

  /** The position of the last record that was added; 0 for none. */
  synchronized long last() {
    return next - 1;
  }

  /** The position of the last record that is written. */
  synchronized long written() {
    return written;
  }

  long first() {
    return segments.first();
  }

  boolean canDropBelow(long position) {
    return segments.canDropBelow(position);
  }

  void dropBelow(long position) throws IOException {
    segments.dropBelow(position);
  }

  /** True when there was nothing any more where there had been usage. */
  boolean isEmptied() {
    return isEmptied;
  }

  /** Positions that no record will come from, and whether metering was told. */
  MissingRanges missing() {
    return missing;
  }

  /** Reads every record below a position in order, together with its position. */
  void each(long below, ObjLongConsumer<String> reader) throws IOException {
    segments.each(below, reader);
  }

  /**
   * Records in order.
   *
   * @param next the position that follows them; what is missing in between was noted
   */
  record Records(List<String> records, long next) {}

  /** Up to so many written records from a position on. */
  Records read(long from, int most) throws IOException {
    return segments.read(from, most, written(), this::missing);
  }

  private void missing(long from, long until) {
    // What was dropped meanwhile is not missing.
    long at = from < until ? Math.max(from, first()) : from;
    if (at < until) {
      missing.find(at, until - 1, UsageMissing.UNREADABLE);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (writing) {
      try (directoryLock;
          reservation;
          lastWritten) {
        write();
        List<FileChannel> all;
        synchronized (this) {
          full.add(tail);
          all = List.copyOf(full);
        }
        for (FileChannel segment : all) {
          if (segment.isOpen()) {
            segment.force(false);
            segment.close();
          }
        }
        reservation.closeAt(written());
      }
    }
  }
}
