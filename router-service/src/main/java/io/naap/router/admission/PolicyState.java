package io.naap.router.admission;

import java.util.OptionalLong;

/**
 * A limit and where the key stands with it.
 *
 * @param name as in {@code RateLimit-Policy}
 * @param quota the limit
 * @param windowSeconds absent for what has no window
 * @param remaining after this request
 * @param resetMillis until more is available; absent for never
 */
public record PolicyState(
    String name,
    long quota,
    OptionalLong windowSeconds,
    long remaining,
    OptionalLong resetMillis,
    boolean violated) {
  /** Whole seconds, never earlier than the reset. */
  public OptionalLong resetSeconds() {
    return resetMillis.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(1, Math.ceilDiv(resetMillis.getAsLong(), 1000L)));
  }
}
