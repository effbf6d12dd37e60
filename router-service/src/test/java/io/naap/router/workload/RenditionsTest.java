package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RenditionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Renditions USUAL =
      Renditions.ofPresets(List.of("P240p30fps16x9", "P360p30fps16x9"));

  private static Renditions read(String configuration) {
    try {
      JsonNode given = JSON.readTree(configuration);
      return Renditions.read(given.get("presets"), given.get("profiles"), USUAL, 60);
    } catch (JsonProcessingException unreadable) {
      throw new IllegalArgumentException(unreadable);
    }
  }

  private static Renditions profile(String more) {
    return read("{\"profiles\":[{\"width\":640,\"height\":360" + more + "}]}");
  }

  private static ObjectNode told(Renditions renditions) {
    ObjectNode told = JSON.createObjectNode();
    renditions.tell(told);
    return told;
  }

  @ParameterizedTest
  @CsvSource({
    "P720p60fps16x9, 55296000",
    "P720p25fps16x9, 23040000",
    "P720p30fps4x3, 20736000",
    "P576p30fps16x9, 17694720",
    "P360p30fps16x9, 6912000",
    "P240p30fps16x9, 3067200",
    "P240p30fps4x3, 2304000",
    "P144p30fps16x9, 1105920"
  })
  void knowsThePixelsASecondOfPresets(String preset, long pixels) {
    assertThat(read("{\"presets\":[\"" + preset + "\"]}").pixels(1_000)).isEqualTo(pixels);
  }

  @Test
  void addsUpTheRenditionsAndRoundsUpOnce() {
    Renditions twice =
        read(
            "{\"profiles\":[{\"name\":\"a\",\"width\":1,\"height\":1,\"fps\":1},"
                + "{\"name\":\"b\",\"width\":1,\"height\":1,\"fps\":1}]}");

    assertThat(twice.pixels(400)).isEqualTo(1);
    assertThat(twice.pixels(500)).isEqualTo(1);
    assertThat(twice.pixels(501)).isEqualTo(2);
  }

  @Test
  void countsTheSourcesOwnFramesAsConfigured() {
    assertThat(profile("").pixels(1_000)).isEqualTo(640 * 360 * 60);
    assertThat(profile(",\"fps\":0,\"fpsDen\":1001").pixels(1_000)).isEqualTo(640 * 360 * 60);
    assertThat(profile(",\"fps\":null").pixels(1_000)).isEqualTo(640 * 360 * 60);
  }

  @Test
  void takesTheUsualOnesWhenNoneAreAskedFor() {
    assertThat(read("{}")).isSameAs(USUAL);
    assertThat(read("{\"presets\":[],\"profiles\":null}")).isSameAs(USUAL);
  }

  @Test
  void saysNothingToTheGatewayThatItDidNotRead() {
    ObjectNode told =
        told(
            profile(",\"Bitrate\":9,\"FPSDEN\":1,\"fps\":30,\"GOP\":\"2.0\",\"other\":{\"a\":[]}"));

    assertThat(told.toString())
        .isEqualTo(
            "{\"profiles\":[{\"name\":\"custom_640x360_9\",\"width\":640,\"height\":360,"
                + "\"bitrate\":9,\"fps\":30,\"fpsDen\":1,\"profile\":\"\",\"gop\":\"2.0\","
                + "\"encoder\":\"\",\"colorDepth\":0,\"chromaFormat\":0}]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"presets\":\"P720p30fps16x9\"}",
        "{\"presets\":[720]}",
        "{\"presets\":[\"p720p30fps16x9\"]}",
        "{\"presets\":[\"P144p30fps16x9\",\"P144p30fps16x9\"]}",
        "{\"profiles\":{}}",
        "{\"profiles\":[]}",
        "{\"profiles\":[1]}",
        "{\"profiles\":[null]}",
        "{\"presets\":[\"P144p30fps16x9\"],\"profiles\":"
            + "[{\"name\":\"P144p30fps16x9\",\"width\":16,\"height\":16}]}"
      })
  void refusesListsThatItCannotCount(String configuration) {
    assertThatThrownBy(() -> read(configuration)).isInstanceOf(Refusal.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"width\":0",
        "\"width\":8193",
        "\"width\":-640",
        "\"width\":640.0",
        "\"width\":\"640\"",
        "\"width\":18446744073709551616",
        "\"width\":1920,\"height\":799",
        "\"height\":1537",
        "\"Width\":640",
        "\"fps\":121",
        "\"fps\":-1",
        "\"fps\":1.5",
        "\"fps\":1,\"fpsDen\":2",
        "\"fps\":30000,\"fpsDen\":1002",
        "\"fps\":120121,\"fpsDen\":1001",
        "\"fps\":30,\"FPS\":60",
        "\"fps\":30,\"fp\\u017f\":60",
        "\"fpsDen\":-1",
        "\"bitrate\":-1",
        "\"name\":\"source\"",
        "\"name\":\"a/b\"",
        "\"name\":\"a\\r\\nb\"",
        "\"name\":7",
        "\"gop\":\"0.0\"",
        "\"gop\":\"inf\"",
        "\"gop\":2",
        "\"encoder\":\"h264\"",
        "\"profile\":\"best\""
      })
  void refusesProfilesThatItCannotCount(String field) {
    String others = field.startsWith("\"width") ? "" : "\"width\":640,";
    String more = field.contains("\"height") ? "" : ",\"height\":360";

    assertThatThrownBy(() -> read("{\"profiles\":[{" + others + field + more + "}]}"))
        .isInstanceOf(Refusal.RefusedException.class)
        .extracting(refused -> ((Refusal.RefusedException) refused).refusal().detail())
        .asString()
        .startsWith("Livepeer-Transcode-Configuration: ");
  }

  @Test
  void refusesMoreThanTen() {
    String nine =
        IntStream.range(0, 9)
            .mapToObj(n -> "{\"name\":\"n" + n + "\",\"width\":16,\"height\":16}")
            .collect(Collectors.joining(","));

    assertThat(told(read("{\"presets\":[\"P144p30fps16x9\"],\"profiles\":[" + nine + "]}")))
        .hasSize(2);
    assertThatThrownBy(
            () ->
                read(
                    "{\"presets\":[\"P144p30fps16x9\",\"P240p30fps16x9\"],\"profiles\":["
                        + nine
                        + "]}"))
        .isInstanceOf(Refusal.RefusedException.class);
  }

  @Test
  void marksDifferWhereRenditionsDo() {
    assertThat(profile(",\"fps\":30").mark()).isEqualTo(profile(",\"FPS\":30,\"x\":1").mark());
    assertThat(profile(",\"fps\":30").mark()).isNotEqualTo(profile(",\"fps\":31").mark());
    assertThat(USUAL.mark())
        .matches("[0-9a-f]{32}")
        .isEqualTo(read("{\"presets\":[\"P240p30fps16x9\",\"P360p30fps16x9\"]}").mark());
  }

  @Test
  void refusesConfiguredPresetsThatThereAreNot() {
    assertThatThrownBy(() -> Renditions.ofPresets(List.of("P240p30fps16x9", "4k")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("P144p30fps16x9");
    assertThatThrownBy(() -> Renditions.ofPresets(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Renditions.ofPresets(List.of("P144p30fps16x9", "P144p30fps16x9")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 200)
  void billsTheExactSumWithLessThanAPixelMore(
      @ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 1001) Integer> dens,
      @ForAll @IntRange(min = 1, max = 300_000) int millis) {
    StringBuilder profiles = new StringBuilder();
    BigDecimal exact = BigDecimal.ZERO;
    for (int at = 0; at < dens.size(); at++) {
      int den = dens.get(at);
      int fps = den * 30 + at;
      profiles.append(at == 0 ? "" : ",").append("{\"name\":\"n").append(at);
      profiles.append("\",\"width\":8192,\"height\":").append(8000 + at);
      profiles.append(",\"fps\":").append(fps).append(",\"fpsDen\":").append(den).append('}');
      exact =
          exact.add(
              BigDecimal.valueOf(8192L * (8000 + at))
                  .multiply(BigDecimal.valueOf((long) fps * millis))
                  .divide(BigDecimal.valueOf(den * 1_000L), new MathContext(60)));
    }

    long pixels = read("{\"profiles\":[" + profiles + "]}").pixels(millis);

    BigDecimal more =
        BigDecimal.valueOf(pixels).subtract(exact).setScale(20, RoundingMode.HALF_EVEN);
    assertThat(more).isBetween(BigDecimal.ZERO, BigDecimal.ONE);
  }

  @Property(tries = 100)
  void piecesOfAStreamNeverComeToLessThanTheWhole(
      @ForAll @IntRange(min = 1, max = 100_000) int one,
      @ForAll @IntRange(min = 1, max = 100_000) int other) {
    Renditions renditions = profile(",\"fps\":30000,\"fpsDen\":1001");

    assertThat(renditions.pixels(one) + renditions.pixels(other))
        .isGreaterThanOrEqualTo(renditions.pixels(one + other));
  }
}
