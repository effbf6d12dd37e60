package io.naap.router.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file whose content is compared every so often, so that a ConfigMap swapped behind a link is
 * seen too. A change counts once two looks in a row see the same content, because a file that is
 * being written may be read half. One thread at a time.
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
   * The new content, once after each change.
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
