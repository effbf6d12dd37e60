package io.naap.contracts.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.json.Json;
import io.naap.contracts.problem.InvalidInput;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
  /** Texts with troublesome parts: NUL, control characters, unpaired surrogates, escapes. */
  @Provide
  static Arbitrary<String> awkward() {
    return Arbitraries.strings()
        .withChars('\0', '\t', '\n', '\u0001', '\u007f', '\u0085', '\u2028', 'a', '\\', 'u', '"')
        .withCharRange('\ud7ff', '\ue000')
        .all()
        .ofMaxLength(12);
  }

  @Property(tries = 5_000)
  void whatIsStorableSurvivesUtf8AndJsonUnchanged(@ForAll("awkward") String text) {
    if (PlainText.isStorable(text)) {
      byte[] stored = text.getBytes(StandardCharsets.UTF_8);
      assertThat(new String(stored, StandardCharsets.UTF_8)).isEqualTo(text).doesNotContain("\0");
      assertThat(Json.isStorable(Json.write(List.of(text)))).isTrue();
    }
  }

  @Property(tries = 5_000)
  void aLineIsStorableAndHasNoControlCharacters(@ForAll("awkward") String text) {
    if (PlainText.isLine(text)) {
      assertThat(PlainText.isStorable(text)).isTrue();
      assertThat(text.lines().count()).isLessThanOrEqualTo(1);
    }
    assertThat(PlainText.isLine(PlainText.shown(text, 12))).as("shown").isTrue();
  }

  @Property(tries = 5_000)
  void everyStorableTextWithoutControlCharactersCanBeAskedForInAQuery(
      @ForAll("awkward") String text) {
    String query = "tag=" + URLEncoder.encode(text, StandardCharsets.UTF_8);

    boolean plain =
        PlainText.isStorable(text)
            && text.chars()
                .noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t');
    // The encoder replaces an unpaired surrogate with a question mark, which is plain text again.
    if (plain) {
      assertThat(PlainText.isReadableQuery(query)).isTrue();
    } else if (PlainText.isStorable(text) || text.indexOf('\0') >= 0) {
      assertThat(PlainText.isReadableQuery(query)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "q=%00",
        "q=a%0",
        "q=%",
        "q=%zz",
        "q=%c0%80",
        "q=%ed%a0%80",
        "q=%f5%80%80%80",
        "q=%c3",
        "q=%01",
        "q=%7f",
        "q=%c2%85",
        "q=\u00e9",
        "a=b&%00=c"
      })
  void refusesAQueryThatCannotBeReadOneWay(String query) {
    assertThat(PlainText.isReadableQuery(query)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "q=a+b", "q=%5Cu0000", "q=%c3%a9", "q=%F0%9F%8E%A8", "q=a%0Ab", "q=1%25"})
  void letsAReadableQueryPass(String query) {
    assertThat(PlainText.isReadableQuery(query)).isTrue();
  }

  @Test
  void theSixCharactersOfAnEscapeAreNoNul() {
    String six = "\\" + "u0000";

    assertThat(PlainText.line("tag", six, 50)).isEqualTo(six);
    assertThat(Json.isStorable(Json.write(List.of(six)))).isTrue();
    assertThat(Json.isStorable(Json.write(List.of("\0")))).isFalse();
  }

  @Test
  void saysWhatToChange() {
    assertThatThrownBy(() -> PlainText.line("name", "a\0b", 50))
        .isInstanceOf(InvalidInput.class)
        .hasMessage("name may have at most 50 characters and no control characters");
    assertThatThrownBy(() -> PlainText.lines("tags", List.of("a", "a"), 5, 50))
        .hasMessage("tags must not repeat an entry");
  }
}
