package io.naap.router.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingRangeReporterTest {
  private static final Duration EVERY = Duration.ofSeconds(30);
  private static final int SEGMENT = 16;

  @TempDir Path directory;

  private final List<String> counted = new ArrayList<>();
  private final List<Long> again = new ArrayList<>();
  private final List<UsageMissing> sent = new ArrayList<>();
  private Spool spool;
  private MissingRangeReporter declarations;
  private long seconds;

  @BeforeEach
  void aSpoolOfTenSegments() throws IOException {
    open();
    append(10);
  }

  @AfterEach
  void closed() throws IOException {
    spool.close();
  }

  private void open() throws IOException {
    spool = new Spool(directory, SEGMENT, Clock.systemUTC());
    declarations =
        new MissingRangeReporter(
            "router-1.x",
            spool,
            EVERY,
            new MissingRangeReporter.Out() {
              @Override
              public void count(String reason) {
                counted.add(reason);
              }

              @Override
              public void declare(UsageMissing missing) {
                sent.add(missing);
              }

              @Override
              public void sendAgain(long position) {
                again.add(position);
              }
            });
  }

  private void append(int records) throws IOException {
    for (int at = 0; at < records; at++) {
      byte[] bytes = "a record of a segment".getBytes(StandardCharsets.UTF_8);
      spool.add(bytes, bytes.length);
      spool.write();
    }
  }

  private void lose(long position) throws IOException {
    spool.close();
    Files.delete(directory.resolve("%019d.usage".formatted(position)));
    open();
  }

  private List<UsageMissing> after(long more) {
    seconds += more;
    sent.clear();
    declarations.look(Duration.ofSeconds(seconds).toNanos());
    return sent;
  }

  @Test
  void whatIsCompleteIsNotTalkedAbout() {
    declarations.committed(3);

    assertThat(after(1)).isEmpty();
    assertThat(after(30)).isEmpty();
    assertThat(after(30)).isEmpty();
  }

  @Test
  void aGapIsDeclaredAgainAndAgainUntilMeteringHasPassedIt() throws IOException {
    lose(4);
    declarations.committed(2);

    assertThat(after(1))
        .singleElement()
        .satisfies(
            missing -> {
              assertThat(missing.instance()).isEqualTo("router-1.x");
              assertThat(missing.missingFrom()).isEqualTo(4);
              assertThat(missing.missingTo()).isEqualTo(4);
              assertThat(missing.reason()).isEqualTo(UsageMissing.UNREADABLE);
            });
    assertThat(after(1)).isEmpty();
    assertThat(after(30)).hasSize(1);
    declarations.committed(3);
    assertThat(after(30)).hasSize(1);
    declarations.committed(4);
    assertThat(after(30)).isEmpty();
    assertThat(counted).containsExactly("unreadable");
  }

  @Test
  void aGapIsCountedOnceInAllLives() throws IOException {
    lose(4);
    after(1);
    lose(7);

    assertThat(after(30)).extracting(UsageMissing::missingFrom).containsExactly(4L, 7L);
    assertThat(counted).containsExactly("unreadable", "unreadable");
  }

  @Test
  void aGapThatIsBehindTheSpoolIsForgotten() throws IOException {
    lose(4);
    after(1);
    declarations.committed(8);
    spool.dropBelow(8);
    after(30);

    assertThat(spool.missing().above(0)).isEmpty();
  }

  @Test
  void whatMeteringConfirmedAndDoesNotHaveIsDeclaredWhenItSaysSoForLong() throws IOException {
    spool.dropBelow(6);
    declarations.committed(8);
    assertThat(after(30)).isEmpty();

    // An older backup.
    declarations.committed(2);

    assertThat(after(30)).isEmpty();
    assertThat(after(10)).isEmpty();
    assertThat(after(20))
        .singleElement()
        .satisfies(
            missing -> {
              assertThat(missing.missingFrom()).isEqualTo(3);
              assertThat(missing.missingTo()).isEqualTo(5);
              assertThat(missing.reason()).isEqualTo(UsageMissing.FORGOTTEN);
            });
    assertThat(counted).containsExactly("forgotten");
    assertThat(again).containsExactly(2L);
  }

  @Test
  void whatMeteringConfirmedAndDoesNotHaveIsSentAgainWhereItIsHere() {
    declarations.committed(8);
    after(30);

    declarations.committed(5);
    after(30);
    assertThat(again).isEmpty();
    assertThat(after(30)).isEmpty();

    assertThat(again).containsExactly(5L);
    assertThat(counted).isEmpty();
    declarations.committed(6);
    after(30);
    after(30);
    assertThat(again).containsExactly(5L);
  }

  @Test
  void whatMeteringIsShortlyBehindIsNotDeclared() throws IOException {
    spool.dropBelow(6);
    declarations.committed(2);
    after(30);
    declarations.committed(8);
    assertThat(after(30)).isEmpty();
    declarations.committed(2);

    assertThat(after(30)).isEmpty();
    assertThat(again).isEmpty();
  }

  @Test
  void whatIsGoneWithAllSegmentsIsTheSpoolsOwnLoss() throws IOException {
    spool.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".usage")).toList()) {
        Files.delete(file);
      }
    }
    open();
    declarations.committed(6);
    after(1);

    assertThat(after(30))
        .singleElement()
        .satisfies(
            missing -> {
              assertThat(missing.missingFrom()).isEqualTo(7);
              assertThat(missing.missingTo()).isEqualTo(10);
              assertThat(missing.reason()).isEqualTo(UsageMissing.UNREADABLE);
            });
  }
}
