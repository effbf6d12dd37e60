package io.naap.router.limit;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a job's limits stood when it was decided; arrays are by rule. A class and not a record,
 * because one is made for each job and is never changed nor compared.
 */
public final class LimitStatus {
  /** Of a job that was refused before its limits were looked at. */
  public static final LimitStatus NONE =
      new LimitStatus(null, new long[0], new long[0], new boolean[0]);

  private final BoundLimits limits;
  private final long[] remaining;
  private final long[] resetMillis;
  private final boolean[] violated;

  /**
   * @param resetMillis until more may be had; -1 for never
   */
  public LimitStatus(BoundLimits limits, long[] remaining, long[] resetMillis, boolean[] violated) {
    this.limits = limits;
    this.remaining = remaining;
    this.resetMillis = resetMillis;
    this.violated = violated;
  }

  public int size() {
    return remaining.length;
  }

  public BoundLimits.Rule rule(int rule) {
    return limits.rules().get(rule);
  }

  String policyHeader() {
    return limits.policyHeader();
  }

  public long remaining(int rule) {
    return remaining[rule];
  }

  public boolean isViolated(int rule) {
    return violated[rule];
  }

  public long resetMillis(int rule) {
    return resetMillis[rule];
  }

  /** Whole seconds, never earlier than the reset; -1 for never. */
  public long resetSeconds(int rule) {
    return resetMillis[rule] < 0 ? -1 : Math.max(1, Math.ceilDiv(resetMillis[rule], 1000L));
  }

  /** The violated policies that are in shadow: counted, but refusing nothing. */
  public List<String> shadowViolations() {
    return IntStream.range(0, size())
        .filter(rule -> violated[rule] && rule(rule).shadow())
        .mapToObj(rule -> rule(rule).name())
        .toList();
  }
}
