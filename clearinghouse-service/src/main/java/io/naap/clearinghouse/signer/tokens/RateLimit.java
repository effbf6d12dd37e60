package io.naap.clearinghouse.signer.tokens;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A token bucket for each caller. It bounds one instance only; what must hold over all instances is
 * a cap in Postgres.
 */
public final class RateLimit {
  private static final int MOST_REMEMBERED = 10_000;

  private final long most;
  private final long spanNanos;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  /**
   * @param most how often a caller may take within the span
   */
  public RateLimit(long most, long spanNanos) {
    this.most = most;
    this.spanNanos = spanNanos;
  }

  /** The unit is a nanosecond: taking once costs the span divided by the number allowed. */
  private record Bucket(long filledAt, long nanos) {}

  /** True when the caller may go on; then one is taken. */
  public boolean take(String who, long nowNanos) {
    if (buckets.size() > MOST_REMEMBERED) {
      buckets.clear();
    }
    long price = Math.max(1, spanNanos / Math.max(1, most));
    boolean[] taken = {false};
    buckets.compute(
        who,
        (name, before) -> {
          long there =
              before == null
                  ? spanNanos
                  : Math.min(spanNanos, before.nanos() + Math.max(0, nowNanos - before.filledAt()));
          taken[0] = most > 0 && there >= price;
          return new Bucket(nowNanos, taken[0] ? there - price : there);
        });
    return taken[0];
  }
}
