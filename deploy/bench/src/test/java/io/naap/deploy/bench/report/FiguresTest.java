package io.naap.deploy.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void printsOneObjectAndNothingElse() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Figures figures =
        new Figures(true, new PrintStream(bytes, true, StandardCharsets.UTF_8), "abc");

    figures.step("prepare", () -> "done");
    figures.latencies("key resolve, warm,", new long[] {3_000_000, 1_000_000, 2_004_999});
    figures.must("nothing is lost", true, "0");
    figures.close();

    JsonNode printed = new ObjectMapper().readTree(bytes.toString(StandardCharsets.UTF_8));
    assertThat(printed.path("ok").asBoolean()).isTrue();
    assertThat(printed.path("commit").asText()).isEqualTo("abc");
    assertThat(printed.path("figures").path(0).path("name").asText())
        .isEqualTo("key resolve, warm, p50");
    assertThat(printed.path("figures").path(0).path("value").decimalValue())
        .isEqualByComparingTo("2.00");
    assertThat(printed.path("figures").path(1).path("value").decimalValue())
        .isEqualByComparingTo("3.00");
    assertThat(printed.path("steps").path(0).path("evidence").asText()).isEqualTo("done");
  }

  @Test
  void namesTheSmallestValueThatSoManyAreNotAbove() {
    long[] hundred = new long[100];
    for (int at = 0; at < 100; at++) {
      hundred[at] = at + 1L;
    }

    assertThat(Figures.percentile(hundred, 50)).isEqualTo(50);
    assertThat(Figures.percentile(hundred, 99)).isEqualTo(99);
    assertThat(Figures.percentile(new long[] {7}, 99)).isEqualTo(7);
  }

  @Test
  void failsWhenSomethingDoesNotHold() {
    Figures figures =
        new Figures(
            true, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), "a");

    figures.must("nothing is lost", false, "1");

    assertThat(figures.isOk()).isFalse();
  }
}
