package io.naap.router.admission;


/**
 * Where a job's limits stood when it was decided. A class and not a record, because it holds
 * arrays: one is made for each job, and they are never changed nor compared.
 */
public final class LimitStatus {
  public static final LimitStatus NONE = new LimitStatus(null, new long[0], new long[0], new boolean[0]);

  private final BoundLimits terms;
  private final long[] remaining;
  private final long[] resetMillis;
  private final boolean[] violated;

  /**
   * All by rule.
   *
   * @param resetMillis until more may be had; -1 for never
   */
  LimitStatus(BoundLimits terms, long[] remaining, long[] resetMillis, boolean[] violated) {
    this.terms = terms;
    this.remaining = remaining;
    this.resetMillis = resetMillis;
    this.violated = violated;
  }

  BoundLimits terms() {
    return terms;
  }

  long resetMillis(int rule) {
    return resetMillis[rule];
  }

  public long remaining(int rule) {
    return remaining[rule];
  }

  public boolean isViolated(int rule) {
    return violated[rule];
  }

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
