package io.naap.router;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what another thread or process does. */
public final class Eventually {
  private static final long STEP_MILLIS = 10;

  private Eventually() {}

  /** True as soon as the condition holds; false when it does not within the time. */
  public static boolean holds(Duration most, Callable<Boolean> condition) {
    long end = System.nanoTime() + most.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() - end >= 0) {
          return false;
        }
        Thread.sleep(STEP_MILLIS);
      }
      return true;
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  /** The same within ten seconds. */
  public static boolean holds(Callable<Boolean> condition) {
    return holds(Duration.ofSeconds(10), condition);
  }
}
