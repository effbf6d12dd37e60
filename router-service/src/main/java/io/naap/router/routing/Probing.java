package io.naap.router.routing;

import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * Checks one gateway's health, one check at a time. A result is used for a moment, so that a
 * hundred jobs that are dropped at once cause one check. Any thread.
 */
public final class Probing {
  static final long GOOD_FOR_NANOS = 1_000_000_000L;

  private Future<Boolean> last;
  private long endedNanos;

  /**
   * Whether the gateway is up, by a check that runs, ran a moment ago, or starts now.
   *
   * @param ask starts a check
   */
  Future<Boolean> look(Supplier<Future<Boolean>> ask, long nanos) {
    Future<Boolean> asked;
    synchronized (this) {
      if (last != null && (!last.isComplete() || nanos - endedNanos < GOOD_FOR_NANOS)) {
        return last;
      }
      asked = ask.get();
      last = asked;
      endedNanos = nanos;
    }
    asked.onComplete(
        seen -> {
          synchronized (this) {
            endedNanos = System.nanoTime();
          }
        });
    return asked;
  }
}
