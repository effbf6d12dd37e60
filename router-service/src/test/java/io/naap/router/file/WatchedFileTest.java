package io.naap.router.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("file");
  }

  @Test
  void givesAChangeOnceWhenTwoLooksInARowSawIt() throws IOException {
    Files.writeString(file(), "old");
    WatchedFile watched = new WatchedFile(file(), "old");
    assertThat(watched.changed()).isEmpty();

    Files.writeString(file(), "new");
    assertThat(watched.changed()).isEmpty();
    assertThat(watched.changed()).contains("new");
    assertThat(watched.changed()).isEmpty();
  }

  @Test
  void whatIsJustBeingWrittenIsNotTaken() throws IOException {
    Files.writeString(file(), "one, two");
    WatchedFile watched = new WatchedFile(file(), "one, two");

    for (String half : new String[] {"", "one", "one, two, three"}) {
      Files.writeString(file(), half);
      assertThat(watched.changed()).isEmpty();
    }

    assertThat(watched.changed()).contains("one, two, three");
  }

  @Test
  void aFileThatWasEmptiedForAMomentHasNotChanged() throws IOException {
    Files.writeString(file(), "old");
    WatchedFile watched = new WatchedFile(file(), "old");
    Files.writeString(file(), "");
    assertThat(watched.changed()).isEmpty();
    Files.writeString(file(), "old");

    assertThat(watched.changed()).isEmpty();
    assertThat(watched.changed()).isEmpty();
  }
}
