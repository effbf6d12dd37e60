package io.naap.clearinghouse.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SharesTest {
  @Test
  void givesWhatIsLeftToTheLargestFractions() {
    Map<String, BigInteger> shares =
        Shares.split(BigInteger.TEN, new TreeMap<>(Map.of("a", 1L, "b", 1L, "c", 1L)));

    assertThat(shares)
        .containsEntry("a", BigInteger.valueOf(4))
        .containsEntry("b", BigInteger.valueOf(3))
        .containsEntry("c", BigInteger.valueOf(3));
  }

  @Test
  void namesNobodyWhenNobodyWasMetered() {
    assertThat(Shares.split(BigInteger.TEN, Map.of())).isEmpty();
    assertThat(Shares.split(BigInteger.TEN, Map.of("a", 0L))).isEmpty();
  }

  @Property
  void thePartsAddUpToTheWholeAndNoneIsOffByMoreThanOne(
      @ForAll @LongRange(min = 0) long amount,
      @ForAll @Size(min = 1, max = 20)
          Map<@LongRange(min = 0, max = 1000) Long, @LongRange(min = 0, max = 1_000_000) Long>
              weights) {
    Map<String, Long> named = new TreeMap<>();
    weights.forEach((name, weight) -> named.put("t" + name, weight));
    long sum = named.values().stream().mapToLong(Long::longValue).sum();

    Map<String, BigInteger> shares = Shares.split(BigInteger.valueOf(amount), named);

    if (sum == 0) {
      assertThat(shares).isEmpty();
      return;
    }
    assertThat(shares.values().stream().reduce(BigInteger.ZERO, BigInteger::add))
        .isEqualTo(BigInteger.valueOf(amount));
    shares.forEach(
        (name, share) ->
            assertThat(
                    share
                        .multiply(BigInteger.valueOf(sum))
                        .subtract(
                            BigInteger.valueOf(amount)
                                .multiply(BigInteger.valueOf(named.get(name))))
                        .abs())
                .isLessThan(BigInteger.valueOf(sum)));
  }
}
