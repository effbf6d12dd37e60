package io.naap.contracts.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ApiKeyTest {
  @Test
  void readsBackWhatItWrote() {
    ApiKey key = ApiKey.generate("live", new Random(1));

    assertThat(ApiKey.parse(key.reveal())).contains(key);
    assertThat(key.reveal()).matches("naap_live_[0-9A-Za-z]{50}");
  }

  /**
   * The checksum is the CRC-32 of the ASCII text, computed with another tool: {@code
   * crc32("naap_test_" + 44 zeros)}.
   */
  @Test
  void writesTheChecksumOfTheGrammar() {
    String zeros = "0".repeat(44);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(("naap_test_" + zeros).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    String text = new ApiKey("test", zeros.substring(0, 12), zeros.substring(12)).reveal();

    assertThat(decode(text.substring(54))).isEqualTo(crc.getValue());
  }

  @Property(tries = 2000)
  void refusesEveryChangeOfOneCharacter(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 59) int at, @ForAll("digit") char other) {
    String text = ApiKey.generate("test", new Random(seed)).reveal();
    String changed = text.substring(0, at) + other + text.substring(at + 1);

    assertThat(ApiKey.parse(changed).isPresent()).isEqualTo(changed.equals(text));
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<Character> digit() {
    return net.jqwik.api.Arbitraries.chars().alpha().numeric();
  }

  @Test
  void givesNoKeyTwice() {
    Random random = new Random(7);
    Set<String> keys =
        IntStream.range(0, 10_000)
            .mapToObj(i -> ApiKey.generate("live", random).reveal())
            .collect(Collectors.toSet());

    assertThat(keys).hasSize(10_000);
  }

  @Test
  void printsNoSecret() {
    ApiKey key = ApiKey.generate("live", new Random(2));

    assertThat(key.toString()).doesNotContain(key.secret()).contains("[secret]");
    assertThat(new ResolveKey(key.reveal()).toString()).doesNotContain(key.secret());
  }

  private static long decode(String base62) {
    String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return base62.chars().mapToLong(digits::indexOf).reduce(0, (sum, digit) -> sum * 62 + digit);
  }
}
