package io.naap.auth;

import java.util.function.BooleanSupplier;

/** Waits for what is promised within seconds. */
public final class Eventually {
  private Eventually() {}

  /** True once the condition holds; false when it does not within so many milliseconds. */
  public static boolean within(long millis, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < end) {
      if (condition.getAsBoolean()) {
        return true;
      }
      Thread.sleep(50);
    }
    return condition.getAsBoolean();
  }
}
