package io.naap.clearinghouse.reconciliation;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Splits an amount by weights; the parts add up to the amount exactly. */
final class Shares {
  private Shares() {}

  private record Part(String name, BigInteger remainder) {}

  /**
   * Largest remainder: everyone gets the whole part, then one more goes to the largest fractions,
   * by name where they are equal.
   *
   * @return nothing when no weight is above zero
   */
  static Map<String, BigInteger> split(BigInteger amount, Map<String, Long> weights) {
    BigInteger sum = BigInteger.ZERO;
    for (long weight : weights.values()) {
      sum = sum.add(BigInteger.valueOf(weight));
    }
    if (sum.signum() == 0) {
      return Map.of();
    }
    Map<String, BigInteger> shares = new LinkedHashMap<>();
    List<Part> parts = new ArrayList<>();
    BigInteger left = amount;
    for (Map.Entry<String, Long> one : weights.entrySet()) {
      BigInteger[] exact =
          amount.multiply(BigInteger.valueOf(one.getValue())).divideAndRemainder(sum);
      shares.put(one.getKey(), exact[0]);
      parts.add(new Part(one.getKey(), exact[1]));
      left = left.subtract(exact[0]);
    }
    parts.sort(Comparator.comparing(Part::remainder).reversed().thenComparing(Part::name));
    for (int at = 0; at < left.intValueExact(); at++) {
      shares.merge(parts.get(at).name(), BigInteger.ONE, BigInteger::add);
    }
    return shares;
  }
}
