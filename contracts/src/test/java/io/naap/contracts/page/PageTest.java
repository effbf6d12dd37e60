package io.naap.contracts.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.problem.InvalidInput;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
  @Test
  void namesTheNextPageOnlyWhileThereIsMore() {
    List<Integer> three = List.of(7, 8, 9);

    Page<Integer> first = Page.of(three, 2, Cursor::of);

    assertThat(first.data()).containsExactly(7, 8);
    assertThat(Cursor.read(first.nextCursor(), 1).number(0)).isEqualTo(8);
    assertThat(Page.of(three, 3, Cursor::of).nextCursor()).isNull();
  }

  @Property
  void readsWhatItWrote(@ForAll @Size(min = 1, max = 4) List<String> values) {
    Assume.that(
        values.stream().allMatch(io.naap.contracts.text.PlainText::isStorable)
            && String.join("", values).length() < 500);

    assertThat(Cursor.read(new Cursor(values).write(), values.size()).values()).isEqualTo(values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%%", "_w", "AA", "YQBi", "abc="})
  void refusesWhatIsNoCursorOfThisList(String text) {
    assertThatThrownBy(() -> Cursor.read(text, 1).time(0)).isInstanceOf(InvalidInput.class);
  }

  @Test
  void refusesBytesThatAreNoText() {
    String overlong = Base64.getUrlEncoder().encodeToString(new byte[] {(byte) 0xc1, (byte) 0x81});
    String cut =
        Base64.getUrlEncoder().encodeToString("é".getBytes(StandardCharsets.UTF_8)).substring(0, 2);

    assertThatThrownBy(() -> Cursor.read(overlong, 1)).isInstanceOf(InvalidInput.class);
    assertThatThrownBy(() -> Cursor.read(cut, 1)).isInstanceOf(InvalidInput.class);
    assertThatThrownBy(() -> Cursor.read("A".repeat(4_001), 1)).isInstanceOf(InvalidInput.class);
  }

  @Test
  void refusesNumbersAndTimesThatAreNone() {
    assertThat(Cursor.of(Instant.EPOCH).time(0)).isEqualTo(Instant.EPOCH);
    assertThatThrownBy(() -> Cursor.of("-1").number(0)).isInstanceOf(InvalidInput.class);
    assertThatThrownBy(() -> Cursor.of("1".repeat(19)).number(0)).isInstanceOf(InvalidInput.class);
  }

  @Test
  void refusesALimitOutOfBounds() {
    assertThat(PageRequest.of(PageRequest.USUAL, null, null, 1).size()).isEqualTo(50);
    for (int limit : new int[] {0, -1, 501}) {
      assertThatThrownBy(() -> PageRequest.of(PageRequest.USUAL, limit, null, 1))
          .isInstanceOf(InvalidInput.class)
          .hasMessage("limit must be between 1 and 500");
    }
  }
}
