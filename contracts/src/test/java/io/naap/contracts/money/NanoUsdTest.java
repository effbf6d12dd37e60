package io.naap.contracts.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NanoUsdTest {
  @Property
  void readsBackWhatItWrote(@ForAll long nanos) {
    NanoUsd amount = NanoUsd.ofNanos(nanos);

    assertThat(NanoUsd.parse(amount.toString())).isEqualTo(amount);
    assertThat(Json.read(Json.write(amount), NanoUsd.class)).isEqualTo(amount);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0000000005, 0",
    "0.0000000015, 2",
    "0.0000000025, 2",
    "-0.0000000005, 0",
    "0.00000000051, 1"
  })
  void roundsHalfToTheEvenNano(BigDecimal dollars, long nanos) {
    assertThat(NanoUsd.rounded(dollars).nanos()).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1e3", "1.0000000001", "", " 1", "1,5", "NaN", "+1", "9999999999999", ".5"})
  void refusesWhatIsNotAPlainAmount(String text) {
    assertThatThrownBy(() -> NanoUsd.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void throwsInsteadOfOverflowing() {
    NanoUsd most = NanoUsd.ofNanos(Long.MAX_VALUE);

    assertThatThrownBy(() -> most.plus(NanoUsd.ofNanos(1))).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> most.times(2)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void writesADecimalAndACurrency() {
    assertThat(Json.write(NanoUsd.parse("12.5")))
        .isEqualTo("{\"amount\":\"12.50\",\"currency\":\"USD\"}");
    assertThat(Json.write(new Wei(new BigInteger("1500000000000000000"))))
        .isEqualTo("{\"amount\":\"1.5\",\"currency\":\"ETH\"}");
  }

  @Test
  void refusesAnotherCurrency() {
    assertThatThrownBy(() -> Json.read("{\"amount\":\"1\",\"currency\":\"EUR\"}", NanoUsd.class))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
