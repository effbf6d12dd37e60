package io.naap.clearinghouse.signer;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * So many of something in a span of time, by whom. Of this instance alone: what must hold over all
 * of them is in {@link Caps}.
 */
final class RateLimit {
  private static final int MOST_REMEMBERED = 10_000;

  private final long most;
  private final long spanNanos;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  RateLimit(long most, long spanNanos) {
    this.most = most;
    this.spanNanos = spanNanos;
  }

  /** Fills as time passes; the unit is a nanosecond of the span over the number allowed. */
  private record Bucket(long filledAt, long nanos) {}

  /** Takes one, if there is one left. */
  boolean take(String who, long nowNanos) {
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
