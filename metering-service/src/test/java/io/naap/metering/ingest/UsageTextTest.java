package io.naap.metering.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.metering.Samples;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fast parser returns the same events as the general one, or nothing. */
class UsageTextTest {
  private final UsageRecorded sample =
      Samples.event(
          Samples.id(IdKind.TENANT),
          Samples.id(IdKind.KEY),
          "llm",
          "succeeded",
          Units.of(Unit.TOKENS_IN, 7).with(Unit.TOKENS_OUT, 9),
          Samples.PLAN + "@1",
          "router-1",
          5);

  @Test
  void readsAnEntryAsRoutersWriteIt() {
    String one = Json.write(sample);

    assertThat(UsageText.read(one)).contains(List.of(sample));
    assertThat(UsageText.read("[" + one + "," + one + "]")).contains(List.of(sample, sample));
    assertThat(UsageText.read("[]")).contains(List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"sequence\":0|\"sequence\":0,\"sequence\":0",
        "\"sequence\":0|\"sequence\":\"0\"",
        "\"sequence\":0|\"sequence\":0.0",
        "\"sequence\":0|\"new\":1,\"sequence\":0",
        "\"status\":200|\"status\":99999999999",
        "\"tokens_in\":7|\"tokens_in\":-7",
        "\"tokens_in\":7|\"tokens_in\":7,\"tokens_in\":8",
        "\"tokens_in\":7|\"smiles\":7",
        "\"currency\":\"USD\"|\"currency\":\"EUR\"",
        "\"amount\":\"0.00\"|\"amount\":\"1e3\"",
        "\"team-a\"|null",
        "\"team-a\"|\"team\\u0000\"",
        "\"outcome\":\"succeeded\"|\"outcome\":\"perhaps\"",
        "\"capability\":\"llm\"|\"capability\":null",
      })
  void leavesToTheGeneralReaderWhatIsUnusual(String usual, String unusual) {
    String text = Json.write(sample);
    assertThat(text).contains(usual);

    assertThat(UsageText.read(text.replace(usual, unusual))).isEmpty();
  }

  @Test
  void leavesWhatIsNoEntry() {
    String one = Json.write(sample);
    for (String text : List.of("", "{", "[" + one, one + one, "[1]", "\"x\"", "[" + one + "],")) {
      assertThat(UsageText.read(text)).as(text).isEmpty();
    }
  }

  @Property(tries = 2_000)
  void agreesWithTheGeneralReaderOnDamagedText(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(Json.write(sample));
    for (int count = random.nextInt(3); count >= 0; count--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.setCharAt(at, (char) (32 + random.nextInt(90)));
        default -> text.insert(at, text.charAt(random.nextInt(text.length())));
      }
    }
    Optional<List<UsageRecorded>> fast = UsageText.read(text.toString());
    if (fast.isPresent() && fast.get().size() == 1) {
      assertThat(fast.get().getFirst()).isEqualTo(UsageReader.read(text.toString()));
    } else if (fast.isPresent()) {
      assertThatThrownBy(() -> UsageReader.read(text.toString()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
