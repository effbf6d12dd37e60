package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PriceListTest {
  @Test
  void addsWhatMatchesAndRoundsEachLine() throws Exception {
    PriceList prices =
        new PriceList(
            new ObjectMapper()
                .readTree(
                    """
                    {"charges":[
                      {"model":"per_minute","filter":{"capability":"a"},"price":"0.07"},
                      {"model":"usage","filter":{},"unit":"pixels","per":3,"price":"0.000000001"},
                      {"model":"per_second","filter":{"capability":"s"},"price":"0.5"},
                      {"model":"credits","filter":{"capability":"c"},"unit":"tokens_in","per":10,"credits":"2",
                       "credit_price":"0.01"},
                      {"model":"subscription","price":"20"},
                      {"model":"per_request","filter":{"capability":"b"},"price":"1"}]}"""));

    assertThat(prices.cost("a", "m", Map.of("milliseconds", 1000L, "pixels", 10L)))
        .isEqualByComparingTo("0.001166670");
    assertThat(prices.cost("s", "m", Map.of("milliseconds", 1500L))).isEqualByComparingTo("0.75");
    assertThat(prices.cost("c", "m", Map.of("tokens_in", 25L))).isEqualByComparingTo("0.05");
    assertThatThrownBy(
            () ->
                new PriceList(new ObjectMapper().readTree("{\"charges\":[]}"))
                    .cost("a", "m", Map.of()))
        .isInstanceOf(IllegalStateException.class);
  }
}
