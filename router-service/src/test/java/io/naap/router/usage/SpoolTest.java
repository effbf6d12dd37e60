package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir Path directory;

  @Test
  void keepsRecordsAndPositionsOverARestart() throws IOException {
    try (Spool spool = new Spool(directory, 64, CLOCK)) {
      for (int at = 1; at <= 10; at++) {
        assertThat(append(spool, "record " + at)).isEqualTo(at);
      }
    }

    try (Spool spool = new Spool(directory, 64, CLOCK)) {
      assertThat(records(spool)).hasSize(10).contains("10:record 10");
      assertThat(append(spool, "next")).isEqualTo(11);
    }
  }

  @Test
  void aDirectoryBelongsToOneRouterAtATime() throws IOException {
    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      append(spool, "one");

      assertThatThrownBy(() -> new Spool(directory, 1 << 20, CLOCK))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("naap.router.spool-directory");
    }

    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      assertThat(records(spool)).containsExactly("1:one");
    }
  }

  @Test
  void aBatchThatAFullDiskToreIsWrittenAgainFromItsBeginning() throws IOException {
    BadDisk disk = new BadDisk();
    try (Spool spool = new Spool(directory, 1 << 20, CLOCK, "boot", disk::open)) {
      append(spool, "one");
      disk.full = true;
      assertThatThrownBy(() -> append(spool, "two")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> append(spool, "three")).isInstanceOf(IOException.class);
      disk.full = false;

      append(spool, "four");
    }

    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      assertThat(records(spool)).containsExactly("1:one", "2:two", "3:three", "4:four");
    }
  }

  @Test
  void whatCouldNotBeForcedIsForcedTheNextTime() throws IOException {
    BadDisk disk = new BadDisk();
    try (Spool spool = new Spool(directory, 16, CLOCK, "boot", disk::open)) {
      append(spool, "a segment of its own");
      append(spool, "another one");
      disk.unforceable = true;
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      disk.unforceable = false;

      spool.sync();

      assertThat(disk.forced).isEqualTo(2);
    }
  }

  @Test
  void aTornTailIsNoRecordAndGivesItsPlaceToTheNext() throws IOException {
    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      append(spool, "whole");
    }
    Files.write(segments().getFirst(), new byte[] {0, 0, 0, 9, 1, 2}, StandardOpenOption.APPEND);

    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      assertThat(records(spool)).containsExactly("1:whole");
      assertThat(append(spool, "after")).isEqualTo(2);
      assertThat(records(spool)).containsExactly("1:whole", "2:after");
    }
  }

  @Test
  void dropsOnlyWhatLiesBelowTheCommittedPosition() throws IOException {
    try (Spool spool = new Spool(directory, 32, CLOCK)) {
      for (int at = 1; at <= 10; at++) {
        append(spool, "record " + at);
      }

      spool.dropBelow(6);

      assertThat(records(spool))
          .contains("6:record 6", "10:record 10")
          .doesNotContain("1:record 1");
    }
  }

  @Test
  void aSegmentThatWasDeletedByHandDoesNotKeepThoseAfterIt() throws IOException {
    try (Spool spool = new Spool(directory, 32, CLOCK)) {
      for (int at = 1; at <= 10; at++) {
        append(spool, "record " + at);
      }
      Files.delete(segments().getFirst());
      int before = segments().size();

      spool.dropBelow(6);

      assertThat(segments()).hasSizeLessThan(before);
      assertThat(spool.canDropBelow(6)).isFalse();
    }
  }

  @Test
  void storesNothingBeforeItIsWrittenAndThenAll() throws IOException {
    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      spool.add(bytes("one"), 3);
      spool.add(bytes("two"), 3);
      assertThat(spool.written()).isZero();
      assertThat(records(spool)).isEmpty();

      spool.write();

      assertThat(spool.written()).isEqualTo(2);
      assertThat(records(spool)).containsExactly("1:one", "2:two");
    }
  }

  @Test
  void takesRecordsLargerThanItsUsualBuffer() throws IOException {
    String large = "x".repeat(100_000);
    try (Spool spool = new Spool(directory, 1 << 20, CLOCK)) {
      spool.add(bytes("small"), 5);
      spool.add(bytes(large), large.length());
      spool.write();

      assertThat(records(spool)).containsExactly("1:small", "2:" + large);
    }
  }

  @Test
  void readsOnBehindASegmentWhoseEndWasLost() throws IOException {
    try (Spool spool = new Spool(directory, 16, CLOCK)) {
      for (int at = 1; at <= 6; at++) {
        append(spool, "record " + at);
      }
    }
    // The machine died before the first segment's end was on the disk.
    Path first = segments().getFirst();
    byte[] bytes = Files.readAllBytes(first);
    Files.write(first, java.util.Arrays.copyOf(bytes, bytes.length - 3));

    try (Spool spool = new Spool(directory, 16, CLOCK)) {
      List<String> seen = new ArrayList<>();
      long at = 1;
      for (int reads = 0; reads < 10 && at <= spool.last(); reads++) {
        Spool.Records records = spool.read(at, 2);
        seen.addAll(records.records());
        at = records.next();
      }
      assertThat(at).isEqualTo(7);
      assertThat(seen).containsExactly("record 2", "record 3", "record 4", "record 5", "record 6");
    }
  }

  private static long append(Spool spool, String text) throws IOException {
    byte[] bytes = bytes(text);
    long position = spool.add(bytes, bytes.length);
    spool.write();
    return position;
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
    spool.each(Long.MAX_VALUE, (record, position) -> records.add(position + ":" + record));
    return records;
  }
}
