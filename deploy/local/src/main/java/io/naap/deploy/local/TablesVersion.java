package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which beginning of the services' tables a data folder was made with. The migrations were folded
 * into one a service before the first release; a folder from before cannot be migrated.
 */
final class TablesVersion {
  private static final String CURRENT = "1";
  private static final String FILE = "tables-version";

  private TablesVersion() {}

  /**
   * Refuses a folder whose tables are older, and changes nothing in it; marks a new folder.
   *
   * @throws IllegalStateException for a person who reads it, in one line
   */
  static void check(Path data) {
    Path file = data.resolve(FILE);
    try {
      boolean hasTables = Files.isDirectory(data.resolve("postgres"));
      if (hasTables && !(Files.exists(file) && Files.readString(file).strip().equals(CURRENT))) {
        throw new IllegalStateException(
            data
                + " holds tables of an older NaaP that this one cannot read; it is left as it is:"
                + " start with --fresh to begin anew in it, or with --data DIR in another folder");
      }
      Files.createDirectories(data);
      Files.writeString(file, CURRENT + "\n");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
