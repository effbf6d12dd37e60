package io.naap.router.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is looked at every so often, by content, so that a ConfigMap swapped behind a link is
 * seen too. A change counts when two looks in a row see the same: who writes into the file in place
 * empties it first, and half of a list is a list. One thread at a time.
 */
public final class WatchedFile {
  private final Path path;
  private String taken;
  private String seen;

  /**
   * @param taken the content that is in force
   */
  public WatchedFile(Path path, String taken) {
    this.path = path;
    this.taken = taken;
    this.seen = taken;
  }

  /**
   * The content, once, when it is another than the last that was given.
   *
   * @throws IOException when it cannot be read
   */
  public Optional<String> changed() throws IOException {
    String now = Files.readString(path);
    boolean settled = now.equals(seen);
    seen = now;
    if (!settled || now.equals(taken)) {
      return Optional.empty();
    }
    taken = now;
    return Optional.of(now);
  }
}
