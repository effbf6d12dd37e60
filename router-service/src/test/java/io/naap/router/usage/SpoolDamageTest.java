package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a bad disk, a dead machine or a careless hand leaves of a spool: everything that is whole is
 * sent once and in order, what is not is named, and no position is ever used twice.
 */
class SpoolDamageTest {
  private static final int SEGMENT = 300;
  private static final Clock CLOCK = Clock.systemUTC();

  private Path root;
  private Path directory;
  private int copies;
  private int boots;

  /** Every record there ever was, by its position. */
  private final Map<Long, String> all = new TreeMap<>();

  @BeforeEach
  void anEmptyDirectory() throws IOException {
    root = Files.createTempDirectory("spool");
    directory = root.resolve("spool");
    copies = 0;
    all.clear();
  }

  @AfterEach
  void away() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void noPositionIsUsedTwiceWhenTheMachineLosesRecords() throws IOException {
    try (Spool spool = open()) {
      append(spool, 3);
      spool.sync();
      Path disk = copy();
      append(spool, 5);
      directory = disk;
    }
    long used = last();

    try (Spool spool = open()) {
      assertThat(append(spool, 1)).isGreaterThan(used);
      assertThat(spool.missing().above(0))
          .singleElement()
          .satisfies(
              gap -> {
                assertThat(gap.from()).isEqualTo(4);
                assertThat(gap.to()).isEqualTo(last() - 1);
                assertThat(gap.reason()).isEqualTo(UsageMissing.UNCLOSED);
              });
    }
  }

  @Test
  void aProcessThatWasKilledLeavesNothingMissing() throws IOException {
    Path left;
    try (Spool spool = open("boot")) {
      append(spool, 3);
      spool.sync();
      append(spool, 5);
      left = copy();
    }
    long used = last();
    directory = left;

    try (Spool spool = open("boot")) {
      assertThat(spool.next()).isEqualTo(used + 1);
      assertThat(spool.missing().above(0)).isEmpty();
    }
  }

  @Test
  void aSegmentThatWasRemovedWhileTheProcessWasDeadIsMissing() throws IOException {
    Path left;
    try (Spool spool = open("boot")) {
      append(spool, 3);
      spool.sync();
      append(spool, 9);
      spool.sync();
      left = copy();
    }
    long used = last();
    directory = left;
    List<Path> found = segments();
    assertThat(found).hasSizeGreaterThan(1);
    delete(found.getLast());

    try (Spool spool = open("boot")) {
      assertThat(spool.next()).isGreaterThan(used);
      assertThat(spool.missing().above(0)).isNotEmpty();
    }
  }

  @Test
  void aQuietSpoolReservesFewPositions() throws IOException {
    try (Spool spool = open()) {
      append(spool, 3);
      spool.sync();
      directory = copy();
    }

    try (Spool spool = open()) {
      assertThat(spool.missing().above(0))
          .singleElement()
          .satisfies(
              gap -> assertThat(gap.to() - gap.from()).isLessThan(PositionReservation.LEAST));
    }
  }

  @Test
  void noPositionIsUsedBeforeTheMarkIsAboveIt() throws IOException {
    try (Spool spool = open()) {
      for (int at = 0; at <= PositionReservation.STEP; at++) {
        spool.add(new byte[] {'x'}, 1);
      }
      spool.write();
      long used = spool.written();
      directory = copy();
      segments().forEach(SpoolDamageTest::delete);

      try (Spool later = open()) {
        assertThat(later.next()).isGreaterThan(used);
      }
    }
  }

  @Test
  void aSpoolWhoseSegmentsAreAllGoneGoesOnUnderItsNameAboveThem() throws IOException {
    String id;
    try (Spool spool = open()) {
      id = spool.id();
      append(spool, 9);
    }
    segments().forEach(SpoolDamageTest::delete);

    try (Spool spool = open()) {
      assertThat(spool.id()).isEqualTo(id);
      assertThat(spool.isEmptied()).isTrue();
      assertThat(spool.next()).isEqualTo(10);
      assertThat(spool.first()).isEqualTo(10);
    }
  }

  @Test
  void aNameWithoutAnythingElseIsNotUsedAgain() throws IOException {
    String id;
    try (Spool spool = open()) {
      id = spool.id();
      append(spool, 9);
    }
    segments().forEach(SpoolDamageTest::delete);
    delete(directory.resolve("mark"));

    try (Spool spool = open()) {
      assertThat(spool.id()).isNotEqualTo(id);
      assertThat(spool.next()).isEqualTo(1);
      assertThat(spool.isEmptied()).isFalse();
    }
  }

  @Test
  void aNameThatWasLostIsFoundInTheRecords() throws IOException {
    String id;
    try (Spool spool = open()) {
      id = spool.id();
      append(spool, 2);
    }
    delete(directory.resolve("mark"));
    delete(directory.resolve("id"));

    try (Spool spool = open()) {
      assertThat(spool.id()).isEqualTo(id);
      assertThat(spool.next()).isEqualTo(3);
    }
  }

  @Test
  void aSpoolOfAVersionWithoutMarksGoesOnWhereItEnded() throws IOException {
    try (Spool spool = open()) {
      append(spool, 4);
    }
    delete(directory.resolve("mark"));

    try (Spool spool = open()) {
      assertThat(spool.next()).isEqualTo(5);
      assertThat(spool.missing().above(0)).isEmpty();
    }
  }

  @Test
  void aSpoolThatWasClosedInOrderHasNoGap() throws IOException {
    for (int life = 0; life < 3; life++) {
      try (Spool spool = open()) {
        append(spool, 4);
        spool.sync();
        assertThat(spool.missing().above(0)).isEmpty();
      }
    }
    assertThat(last()).isEqualTo(12);
  }

  @Test
  void aGapIsNewsOnceHoweverOftenItIsFound() throws IOException {
    try (Spool spool = open()) {
      append(spool, 12);
      spool.sync();
      flip(segments().get(1), 20, 1);

      sent(spool);
      sent(spool);

      assertThat(spool.missing().fresh()).hasSize(1);
      assertThat(spool.missing().fresh()).isEmpty();
      spool.missing().save();
    }
    try (Spool spool = open()) {
      assertThat(spool.missing().fresh()).isEmpty();
      assertThat(spool.missing().above(0)).hasSize(1);
    }
  }

  @Test
  void whatIsDamagedWhileItIsSentDoesNotStopWhatComesBehind() throws IOException {
    try (Spool spool = open()) {
      append(spool, 12);
      // The last one, behind which nothing is.
      Path tail = segments().getLast();
      flip(tail, Math.toIntExact(Files.size(tail)) - 2, 1);
      assertThat(sent(spool).keySet()).doesNotContain(12L).hasSize(11);

      append(spool, 3);

      assertThat(sent(spool).keySet()).hasSize(14).contains(15L);
      assertThat(spool.missing().above(0)).extracting(MissingRange::from).containsExactly(12L);
    }
  }

  @Test
  void theGapsOfAnotherSpoolAreNotIts() throws IOException {
    try (Spool spool = open()) {
      append(spool, 12);
    }
    delete(segments().get(1));
    try (Spool spool = open()) {
      spool.missing().save();
    }
    segments().forEach(SpoolDamageTest::delete);
    delete(directory.resolve("mark"));
    delete(directory.resolve("id"));

    try (Spool spool = open()) {
      assertThat(spool.missing().above(0)).isEmpty();
    }
  }

  @Property(tries = 200)
  void anythingWholeIsSentOnceAndInOrderAndNoPositionIsUsedAgain(
      @ForAll @Size(min = 1, max = 3) List<Boolean> inOrder,
      @ForAll @IntRange(min = 1, max = 15) int records,
      @ForAll @IntRange(max = 1_000_000) int which,
      @ForAll @IntRange(max = 1_000_000) int where,
      @ForAll @IntRange(min = 1, max = 255) int bits,
      @ForAll boolean removed)
      throws IOException {
    anEmptyDirectory();
    for (boolean closed : inOrder) {
      live(records, closed);
    }
    List<Path> files = files();
    Path damaged = files.get(which % files.size());
    List<Long> lost = lost(damaged, where, removed);
    if (removed) {
      delete(damaged);
    } else {
      flip(damaged, where % Math.toIntExact(Files.size(damaged)), bits);
    }
    long used = last();
    Map<Long, String> whole = new TreeMap<>(all);
    whole.keySet().removeAll(lost);

    try (Spool spool = open()) {
      assertThat(sent(spool)).containsExactlyEntriesOf(whole);
      assertThat(spool.next()).isGreaterThan(used);
      assertThat(whole.keySet()).noneMatch(position -> isMissing(spool, position));
      // The steps between lives are long.
      for (long position = spool.first(); position < Math.min(spool.next(), 500); position++) {
        assertThat(whole.containsKey(position) || isMissing(spool, position))
            .as("%d is there or missing", position)
            .isTrue();
      }
      assertThat(isMissing(spool, spool.next())).isFalse();
      long next = append(spool, 1);
      whole.put(next, all.get(next));
      assertThat(sent(spool)).containsExactlyEntriesOf(whole);
      spool.missing().save();
    }

    try (Spool spool = open()) {
      assertThat(sent(spool)).containsExactlyEntriesOf(whole);
      assertThat(spool.missing().fresh()).isEmpty();
    }
    away();
  }

  /** One life of a router, which ends in order, or as when its process is killed. */
  private void live(int records, boolean inOrder) throws IOException {
    Path killed;
    try (Spool spool = open()) {
      append(spool, records);
      spool.missing().save();
      killed = copy();
    }
    if (!inOrder) {
      directory = killed;
    }
  }

  /** After a start of the machine: what was not forced to the disk may be lost. */
  private Spool open() throws IOException {
    return open("boot" + ++boots);
  }

  private Spool open(String boot) throws IOException {
    return new Spool(directory, SEGMENT, CLOCK, boot, FileChannel::open);
  }

  private long append(Spool spool, int records) throws IOException {
    long position = 0;
    for (int at = 0; at < records; at++) {
      String record =
          "{\"event_id\":\"%s\",\"instance\":\"router.1.%s\",\"spool_position\":%d,\"x\":0}"
              .formatted("e".repeat(Math.toIntExact(spool.next() % 90)), spool.id(), spool.next());
      byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
      position = spool.add(bytes, bytes.length);
      spool.write();
      assertThat(all.put(position, record)).as("position %d", position).isNull();
    }
    return position;
  }

  private long last() {
    return all.keySet().stream().reduce((a, b) -> b).orElse(0L);
  }

  /** All that is sent, read as for sending. */
  private static Map<Long, String> sent(Spool spool) throws IOException {
    List<String> records = new ArrayList<>();
    long at = spool.first();
    for (int reads = 0; reads < 1_000 && at <= spool.written(); reads++) {
      Spool.Records read = spool.read(at, 2);
      records.addAll(read.records());
      assertThat(read.next()).isGreaterThan(at);
      at = read.next();
    }
    assertThat(at).isEqualTo(spool.next());
    Map<Long, String> sent = new TreeMap<>();
    spool.each(Long.MAX_VALUE, (record, position) -> sent.put(position, record));
    assertThat(records).containsExactlyElementsOf(sent.values());
    return sent;
  }

  private static boolean isMissing(Spool spool, long position) {
    return spool.missing().above(position - 1).stream().anyMatch(gap -> gap.from() <= position);
  }

  /** The records that are lost with a byte, or a whole file. */
  private static List<Long> lost(Path file, int where, boolean removed) throws IOException {
    if (!file.toString().endsWith(".usage")) {
      return List.of();
    }
    long first = Long.parseLong(file.getFileName().toString().substring(0, 19));
    long bytes = Files.size(file);
    List<Long> lost = new ArrayList<>();
    long[] end = {0};
    Segment.read(
        file,
        first,
        Long.MAX_VALUE,
        (position, record) -> {
          long begin = end[0];
          end[0] += Segment.HEADER + record.length();
          long at = bytes == 0 ? 0 : where % bytes;
          if (removed || (begin <= at && at < end[0])) {
            lost.add(position);
          }
          return true;
        });
    return lost;
  }

  private Path copy() throws IOException {
    Path copy = root.resolve("copy" + copies++);
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static void flip(Path file, int at, int bits) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] = Integer.valueOf(bytes[at] ^ bits).byteValue();
    Files.write(file, bytes);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !file.endsWith("lock") && file.toFile().length() > 0)
          .sorted()
          .toList();
    }
  }

  private List<Path> segments() throws IOException {
    return files().stream().filter(file -> file.toString().endsWith(".usage")).toList();
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }
}
