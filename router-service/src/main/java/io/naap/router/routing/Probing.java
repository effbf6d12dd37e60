package io.naap.router.routing;

import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * The look at one gateway's health: one at a time, and what was seen is good for a moment, so that
 * a hundred jobs dropped at once ask once. Any thread.
 */
public final class Probing {
  static final long GOOD_FOR_NANOS = 1_000_000_000L;

  private Future<Boolean> last;
  private long endedNanos;

  /**
   * What the gateway says, or said a moment ago.
   *
   * @param ask a new look
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
