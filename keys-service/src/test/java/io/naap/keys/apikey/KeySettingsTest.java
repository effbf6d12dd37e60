package io.naap.keys.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.testing.AwkwardText;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeySettingsTest {
  /**
   * Tags, tiers and models of a key are copied into usage events, so text that metering cannot
   * store is refused.
   */
  @Test
  void acceptsNoTextThatUsageCannotHold() {
    SplittableRandom random = new SplittableRandom(16);
    int accepted = 0;
    for (int at = 0; at < 100_000; at++) {
      String text = AwkwardText.of(random, 6);
      try {
        KeySettings settings = settings(text);
        accepted++;
        assertThat(settings.tags()).hasSizeLessThanOrEqualTo(UsageRecorded.MOST_TAGS);
        assertThat(settings.tags()).allMatch(UsageRecorded::canHold);
        assertThat(settings.tier())
            .hasValueSatisfying(tier -> assertThat(UsageRecorded.canHold(tier)).isTrue());
        assertThat(settings.scopes().models()).allMatch(UsageRecorded::canHold);
      } catch (InvalidInput refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
    assertThat(accepted).isBetween(1_000, 99_000);
  }

  @Test
  void acceptsTheSixCharactersOfAnEscapedNul() {
    assertThat(settings("\\u0000").tags()).containsExactly("\\u0000");
  }

  private static KeySettings settings(String text) {
    return new KeySettings(
        text,
        List.of(text),
        Optional.of(text),
        new Scopes(List.of(), List.of(text)),
        new Clients(List.of(), List.of()),
        Optional.empty(),
        null);
  }
}
