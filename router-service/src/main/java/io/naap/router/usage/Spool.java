package io.naap.router.usage;

import io.naap.contracts.events.UsageMissing;
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
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jboss.logging.Logger;

/**
 * An append-only file of usage in segments. Positions are 1, 2, 3, ... and none is used twice, in
 * all lives of a spool: one that was not closed in order goes on above its {@link PositionReservation}, in a new
 * segment, and what lies between is a gap. So is what cannot be read any more. Records are taken
 * one by one and stored many at a time: after {@link #write} they are the operating system's, so
 * the death of the process loses nothing; forced to the disk by {@link #sync}.
 */
final class Spool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Spool.class);
  private static final String ID = "id";
  private static final int USUAL_FRAME = 64 * 1024;

  /** More than can have been used since the last position that is known. */
  private static final long LEAP = 1_000_000_000;

  private final Opening files;
  private final Path directory;
  private final long segmentBytes;
  private final PositionReservation mark;
  private final LastWritten lastWritten;
  private final MissingRanges gaps;
  private final String id;
  private final boolean isEmptied;
  private final TreeMap<Long, Path> segments = new TreeMap<>();

  /** Locked as long as it is open; freed with the process, however that ends. */
  private final FileChannel lock;

  private FileChannel tail;

  /** Complete segments that are still to be forced to the disk and closed. */
  private final List<FileChannel> full = new ArrayList<>();

  private long next;
  private long bytes;
  private long tailBytes;
  private boolean dirty;

  /** The last position when {@link #sync} ran last; of its thread only. */
  private long lastAtSync;

  private final CRC32 crc = new CRC32();

  /** Records that were taken and are not yet written. */
  private ByteBuffer frame = ByteBuffer.allocateDirect(USUAL_FRAME);

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
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    Files.createDirectories(directory);
    lock = lock(directory);
    mark = new PositionReservation(directory);
    lastWritten = new LastWritten(directory, boot);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Spool::isSegment).sorted().toList()) {
        segments.put(Long.parseLong(file.getFileName().toString().substring(0, 19)), file);
      }
    }
    Seen seen = look();
    Optional<String> file = idFile();
    Optional<String> kept = name(seen, file);
    id = kept.orElseGet(Spool::freshName);
    if (!file.equals(Optional.of(id))) {
      Files.writeString(directory.resolve(ID), id);
    }
    List<Range> missing = new ArrayList<>(seen.missing);
    next = kept.isEmpty() ? seen.last + 1 : goesOn(seen.last, missing);
    written = next - 1;
    isEmptied = segments.isEmpty() && written > 0;
    gaps = new MissingRanges(directory, id, next, clock);
    missing.forEach(range -> gaps.find(range.from, range.to, range.reason));
    mark.begin(id, written);
    mark.reserve(written + PositionReservation.LEAST);
    lastWritten.begin(id, written);
    lastAtSync = written;
    Path unreadable = segments.get(next);
    bytes -= unreadable == null ? 0 : Files.size(unreadable);
    roll(next, StandardOpenOption.TRUNCATE_EXISTING);
    forceNames();
  }

  /** New files are not only to be written, but found again. */
  private void forceNames() throws IOException {
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

  private static boolean isSegment(Path file) {
    return file.getFileName().toString().matches("[0-9]{19}\\.usage");
  }

  /** Names this spool: positions of another one, begun in an emptied directory, are not these. */
  String id() {
    return id;
  }

  /**
   * What its segments hold.
   *
   * @param last the last position that they tell of
   * @param id the name that the newest record is under
   */
  private record Seen(long last, Optional<String> id, List<Range> missing) {}

  private record Range(long from, long to, String reason) {}

  /** Reads all there is, and notes what is missing in between. */
  private Seen look() throws IOException {
    List<Range> missing = new ArrayList<>();
    long last = 0;
    String[] newest = {null};
    for (Map.Entry<Long, Path> segment : segments.entrySet()) {
      bytes += Files.size(segment.getValue());
      long[] due = {segment.getKey()};
      Long following = segments.higherKey(segment.getKey());
      Segment.read(
          segment.getValue(),
          segment.getKey(),
          following == null ? Long.MAX_VALUE : following,
          (position, record) -> {
            if (position > due[0]) {
              missing.add(new Range(due[0], position - 1, UsageMissing.UNREADABLE));
            }
            due[0] = position + 1;
            newest[0] = record;
            return true;
          });
      if (following != null && following > due[0]) {
        missing.add(new Range(due[0], following - 1, UsageMissing.UNREADABLE));
      }
      last = due[0] - 1;
    }
    return new Seen(last, Optional.ofNullable(newest[0]).flatMap(Segment::id), missing);
  }

  /**
   * The mark knows the name, the records do, or the file that is there for it. A file alone, of a
   * directory that was emptied around it, does not say which positions were used.
   */
  private Optional<String> name(Seen seen, Optional<String> file) {
    return mark.found()
        .name()
        .or(seen::id)
        .or(() -> segments.isEmpty() ? Optional.empty() : file)
        .filter(name -> name.matches("[0-9a-z]{1,32}"));
  }

  private Optional<String> idFile() throws IOException {
    Path file = directory.resolve(ID);
    return Files.exists(file)
        ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip())
        : Optional.empty();
  }

  private static String freshName() {
    return Long.toString(System.nanoTime() & 0xffffffffL, 36)
        + Long.toString(ProcessHandle.current().pid(), 36);
  }

  /**
   * The next position: above all that can have been used, so that none is ever used again. Metering
   * may have had more of the last ones than the disk has.
   *
   * @param last the last position that the segments tell of
   */
  private long goesOn(long last, List<Range> missing) {
    long used;
    String reason = UsageMissing.UNCLOSED;
    switch (mark.found()) {
      case PositionReservation.Found.Closed closed when closed.last() >= last -> {
        used = closed.last();
        reason = UsageMissing.UNREADABLE;
      }
      // Only the process died: what the segments hold is all that was used.
      case PositionReservation.Found.Open open
          when open.reserved() >= last && lastWritten.holdsAll(open.id(), last) ->
          used = last;
      case PositionReservation.Found.Open open when open.reserved() >= last -> used = open.reserved();
      // A version that keeps none, and used one position after the other.
      case PositionReservation.Found.Nothing nothing -> used = last;
      // Not what this version left: such a one wrote here since, or the disk did.
      case PositionReservation.Found.Closed closed -> used = last + LEAP;
      case PositionReservation.Found.Open open -> used = last + LEAP;
      case PositionReservation.Found.Unreadable unreadable -> used = last + LEAP;
    }
    // Of an emptied directory nobody knows what metering had: that shows when it is heard.
    if (used > last && !segments.isEmpty()) {
      missing.add(new Range(last + 1, used, reason));
    }
    return used + 1;
  }

  private void roll(long first, OpenOption... more) throws IOException {
    Path file = directory.resolve("%019d.usage".formatted(first));
    List<OpenOption> options = new ArrayList<>(List.of(more));
    options.add(StandardOpenOption.CREATE);
    options.add(StandardOpenOption.WRITE);
    FileChannel fresh = files.open(file, options.toArray(OpenOption[]::new));
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
    int size = Segment.HEADER + length;
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
    if (next - 1 > mark.reserved()) {
      // Seldom here: sync is ahead of it.
      mark.reserve(next - 1 + PositionReservation.STEP);
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
      lastWritten.note(written());
      reserveAhead();
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

  /**
   * Reserves several times as many positions as were used since the last time: enough that a write
   * seldom has to, and few, because after the death of the machine all of them count as missing.
   */
  private void reserveAhead() throws IOException {
    long last = last();
    long step = Math.clamp(8 * (last - lastAtSync), PositionReservation.LEAST, PositionReservation.STEP);
    lastAtSync = last;
    if (last + step - mark.reserved() > step / 2) {
      mark.reserve(last + step);
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

  /** True when there was nothing any more where there had been usage. */
  boolean isEmptied() {
    return isEmptied;
  }

  /** What is missing, and whether anybody was told. */
  MissingRanges gaps() {
    return gaps;
  }

  /** Reads every record below a position in order, together with its position. */
  void each(long below, ObjLongConsumer<String> reader) throws IOException {
    List<Map.Entry<Long, Path>> now;
    synchronized (this) {
      now = new ArrayList<>(segments.headMap(below).entrySet());
    }
    for (int at = 0; at < now.size(); at++) {
      Segment.read(
          now.get(at).getValue(),
          now.get(at).getKey(),
          at + 1 < now.size() ? now.get(at + 1).getKey() : below,
          (position, record) -> {
            reader.accept(record, position);
            return true;
          });
    }
  }

  /**
   * Records in order.
   *
   * @param next the position that follows them; what is missing in between was noted
   */
  record Records(List<String> records, long next) {}

  /** Up to so many stored records from a position on. */
  Records read(long from, int most) throws IOException {
    long at = from;
    while (true) {
      Map.Entry<Long, Path> segment;
      Long following;
      long below;
      synchronized (this) {
        segment = segments.floorEntry(at);
        if (segment == null) {
          segment = segments.firstEntry();
        }
        following = segments.higherKey(segment.getKey());
        // All that is written can be read, so what cannot is missing.
        below = following == null ? written + 1 : following;
      }
      List<String> records = new ArrayList<>();
      long[] due = {Math.max(at, segment.getKey())};
      Segment.read(
          segment.getValue(),
          segment.getKey(),
          below,
          (position, record) -> {
            if (position >= due[0]) {
              missing(due[0], position);
              due[0] = position + 1;
              records.add(record);
            }
            return records.size() < most;
          });
      if (records.size() < most) {
        missing(due[0], below);
        due[0] = Math.max(due[0], below);
      }
      if (!records.isEmpty() || following == null) {
        return new Records(records, due[0]);
      }
      at = following;
    }
  }

  /** Notes that nothing is stored from a position on until another one. */
  private void missing(long from, long until) {
    // What was let go of meanwhile is not missing.
    long at = from < until ? Math.max(from, first()) : from;
    if (at < until) {
      gaps.find(at, until - 1, UsageMissing.UNREADABLE);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    try (lock;
        mark;
        lastWritten) {
      write();
      full.add(tail);
      for (FileChannel segment : full) {
        if (segment.isOpen()) {
          segment.force(false);
          segment.close();
        }
      }
      mark.closeAt(written);
    }
  }
}
