package io.naap.store;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does. */
public final class Eventually {
  private Eventually() {}

  public static void await(String what, BooleanSupplier condition) throws InterruptedException {
    Instant end = Instant.now().plus(Duration.ofSeconds(10));
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not within 10 seconds: " + what);
      }
      Thread.sleep(10);
    }
  }
}
