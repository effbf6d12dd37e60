package io.naap.router.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * Tells the death of a process from the death of the machine. When a process is killed, what it
 * wrote stays in the operating system's memory: all its records can be read, and no position behind
 * them was used. After a reboot that is not certain.
 *
 * <p>The file {@code written} is one line: the last position that was written, the spool's id, the
 * id of the machine's boot, and the CRC-32 of these. It is never forced to the disk, because it
 * counts only within one boot.
 */
final class LastWritten implements AutoCloseable {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int MOST_BYTES = 256;

  private final FileChannel file;
  private final String boot;
  private final String found;
  private String id = "";
  private long noted = -1;

  /**
   * @param boot the id of the machine's boot; empty when it is not known, and then the file does
   *     not count
   */
  LastWritten(Path directory, String boot) throws IOException {
    this.boot = boot;
    file =
        FileChannel.open(
            directory.resolve("written"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
      // Until the end of the file.
    }
    found = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
  }

  /** The id of the machine's boot; empty where the system does not tell. */
  static String bootId() {
    try {
      return Files.readString(BOOT).strip();
    } catch (IOException unknown) {
      return "";
    }
  }

  /**
   * True when only the process died and the segments still hold all that was written.
   *
   * @param last the last position that the segments hold
   */
  boolean holdsAll(String spool, long last) {
    String[] words = found.split(" ", -1);
    if (boot.isEmpty()
        || words.length != 4
        || !words[1].equals(spool)
        || !words[2].equals(boot)
        || !words[0].matches("[0-9]{19}")) {
      return false;
    }
    long position = Long.parseLong(words[0]);
    return found.equals(line(position, spool)) && position <= last;
  }

  private String line(long position, String spool) {
    String text = "%019d %s %s".formatted(position, spool, boot);
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return "%s %08x\n".formatted(text, crc.getValue());
  }

  /** From now on it is of this spool. */
  void begin(String spool, long last) throws IOException {
    id = spool;
    note(last);
  }

  /** Notes the last position that was written. Called by one thread at a time. */
  void note(long last) throws IOException {
    if (boot.isEmpty() || last == noted) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(line(last, id).getBytes(StandardCharsets.ISO_8859_1));
    for (long at = 0; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
    file.truncate(bytes.limit());
    noted = last;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
