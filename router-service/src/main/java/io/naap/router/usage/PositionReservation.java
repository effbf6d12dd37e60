package io.naap.router.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The highest position that the spool may use, forced to the disk before any up to it is used. It
 * is raised in steps, so that a file is forced once in many thousand records. A spool that was not
 * closed goes on above it. The file {@code mark} is one line, written in place: state, position,
 * the spool's id, and the CRC-32 of these.
 */
final class PositionReservation implements AutoCloseable {
  /** At most so many positions are reserved at a time. */
  static final long STEP = 100_000;

  /** And at least so many. */
  static final long LEAST = 2_000;

  private static final int MOST_BYTES = 128;

  private final FileChannel file;
  private final Found found;

  private String id = "";

  /** No position above it may be used yet. */
  private volatile long reserved;

  private boolean closed;

  /** What the process before left. */
  sealed interface Found {
    /** Nothing: a new spool, or one of a version without reservations. */
    record Nothing() implements Found {}

    /** A line that cannot be read. */
    record Unreadable() implements Found {}

    /** The spool was closed after this position. */
    record Closed(String id, long last) implements Found {}

    /** The spool was not closed, and no position above this was used. */
    record Open(String id, long reserved) implements Found {}

    /** The name of the spool, where it can be read. */
    default Optional<String> name() {
      return switch (this) {
        case Nothing nothing -> Optional.empty();
        case Unreadable unreadable -> Optional.empty();
        case Closed closed -> Optional.of(closed.id);
        case Open open -> Optional.of(open.id);
      };
    }
  }

  PositionReservation(Path directory) throws IOException {
    file =
        FileChannel.open(
            directory.resolve("mark"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    found = read();
  }

  private Found read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    int read = 0;
    while (bytes.hasRemaining() && read >= 0) {
      read = file.read(bytes, bytes.position());
    }
    String line = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    if (line.isEmpty()) {
      return new Found.Nothing();
    }
    String[] words = line.split(" ", -1);
    if (words.length != 4 || !line.equals(line(words[0], words[1], words[2]))) {
      return new Found.Unreadable();
    }
    long position = Long.parseLong(words[1]);
    return words[0].equals("closed")
        ? new Found.Closed(words[2], position)
        : new Found.Open(words[2], position);
  }

  private static String line(String state, String position, String id) {
    String text = state + " " + position + " " + id;
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return "%s %08x\n".formatted(text, crc.getValue());
  }

  Found found() {
    return found;
  }

  /** From now on it is of this spool, which has used no position above this one. */
  void begin(String name, long last) {
    id = name;
    reserved = last;
  }

  long reserved() {
    return reserved;
  }

  /**
   * Allows positions up to this one.
   *
   * @throws IOException when that is not on the disk; no position is allowed then
   */
  synchronized void reserve(long position) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (position > reserved) {
      write("opened", position);
      reserved = position;
    }
  }

  /** The spool is closed after this position. */
  synchronized void closeAt(long last) throws IOException {
    closed = true;
    write("closed", last);
  }

  private void write(String state, long position) throws IOException {
    // The same length as long as the name is, so that it is overwritten as a whole.
    ByteBuffer bytes =
        ByteBuffer.wrap(
            line(state, "%019d".formatted(position), id).getBytes(StandardCharsets.ISO_8859_1));
    for (long at = 0; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
    file.truncate(bytes.limit());
    file.force(true);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
