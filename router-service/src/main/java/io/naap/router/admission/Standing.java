package io.naap.router.admission;

/**
 * Where a job's limits stood when it was decided.
 *
 * @param remaining by rule
 * @param resetMillis by rule, until more may be had; -1 for never
 * @param violated by rule
 */
public record Standing(Terms terms, long[] remaining, long[] resetMillis, boolean[] violated) {
  public static final Standing NONE = new Standing(null, new long[0], new long[0], new boolean[0]);

  public int size() {
    return remaining.length;
  }

  public String name(int rule) {
    return terms.rules.get(rule).name();
  }

  public long quota(int rule) {
    return terms.rules.get(rule).policy().limit();
  }

  /** Whole seconds, never earlier than the reset; -1 for never. */
  public long resetSeconds(int rule) {
    return resetMillis[rule] < 0 ? -1 : Math.max(1, Math.ceilDiv(resetMillis[rule], 1000L));
  }
}
