package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  @TempDir Path directory;

  @Test
  void keepsRecordsAndPositionsOverARestart() throws IOException {
    try (Spool spool = new Spool(directory, 64)) {
      for (int at = 1; at <= 10; at++) {
        assertThat(spool.append(position -> bytes("record " + position))).isEqualTo(at);
      }
    }

    try (Spool spool = new Spool(directory, 64)) {
      assertThat(records(spool)).hasSize(10).contains("10:record 10");
      assertThat(spool.append(position -> bytes("next"))).isEqualTo(11);
    }
  }

  @Test
  void cutsOffATornTail() throws IOException {
    try (Spool spool = new Spool(directory, 1 << 20)) {
      spool.append(position -> bytes("whole"));
    }
    Files.write(segments().getFirst(), new byte[] {0, 0, 0, 9, 1, 2}, StandardOpenOption.APPEND);

    try (Spool spool = new Spool(directory, 1 << 20)) {
      assertThat(records(spool)).containsExactly("1:whole");
      assertThat(spool.append(position -> bytes("after"))).isEqualTo(2);
      assertThat(records(spool)).containsExactly("1:whole", "2:after");
    }
  }

  @Test
  void dropsOnlyWhatLiesBelowTheCommittedPosition() throws IOException {
    try (Spool spool = new Spool(directory, 32)) {
      for (int at = 0; at < 10; at++) {
        spool.append(position -> bytes("record " + position));
      }

      spool.dropBelow(6);

      assertThat(records(spool))
          .contains("6:record 6", "10:record 10")
          .doesNotContain("1:record 1");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".usage")).sorted().toList();
    }
  }

  private static List<String> records(Spool spool) throws IOException {
    List<String> records = new ArrayList<>();
    spool.each((record, position) -> records.add(position + ":" + record));
    return records;
  }
}
