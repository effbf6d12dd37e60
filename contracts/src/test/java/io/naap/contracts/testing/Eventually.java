package io.naap.contracts.testing;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for the effect of another thread or process by polling every few milliseconds. */
public final class Eventually {
  private static final Duration USUAL = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 20;

  private Eventually() {}

  /** Waits until a condition holds; fails when it does not within ten seconds. */
  public static void await(String what, Callable<Boolean> condition) throws Exception {
    if (!within(USUAL.toMillis(), condition)) {
      throw new AssertionError("not within " + USUAL.toSeconds() + " seconds: " + what);
    }
  }

  /** True once the condition holds; false when it does not within so many milliseconds. */
  public static boolean within(long millis, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < end) {
      if (condition.call()) {
        return true;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return condition.call();
  }
}
