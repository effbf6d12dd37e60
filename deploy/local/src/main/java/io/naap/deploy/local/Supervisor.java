package io.naap.deploy.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Starts what stopped again, and says what it was and why. A part that stops again and again is
 * started less and less often, never less than twice a minute.
 */
final class Supervisor {
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** After so long without a stop the next one counts as the first. */
  private static final Duration FORGIVEN = Duration.ofMinutes(5);

  private final Consumer<String> say;
  private final Map<String, Stops> stops = new HashMap<>();

  /** How often a part stopped lately, and when it may be started next. */
  private record Stops(int count, long atNanos, long againNanos) {}

  Supervisor(Consumer<String> say) {
    this.say = say;
  }

  /** Looks at every part once, and starts again what is due. */
  void look(List<Part> parts, long nanos) throws InterruptedException {
    for (Part part : parts) {
      if (part.isAlive()) {
        continue;
      }
      Stops known = stops.get(part.name());
      if (known == null || nanos - known.atNanos > FORGIVEN.toNanos()) {
        known = new Stops(0, nanos, nanos);
      }
      if (nanos - known.againNanos < 0) {
        continue;
      }
      long wait = wait(known.count).toNanos();
      stops.put(part.name(), new Stops(known.count + 1, nanos, nanos + wait));
      say.accept(part.name() + " stopped: " + part.reason());
      restart(part, wait);
    }
  }

  private void restart(Part part, long waitNanos) throws InterruptedException {
    try {
      part.restart();
      say.accept(part.name() + " was started again");
    } catch (RuntimeException failed) {
      // Whatever kept it from starting, the others go on, and it is tried again.
      say.accept(
          part.name()
              + " does not start, tried again in "
              + Duration.ofNanos(waitNanos).toSeconds()
              + " s: "
              + firstLine(failed));
    }
  }

  private static String firstLine(RuntimeException failed) {
    return String.valueOf(failed.getMessage()).lines().findFirst().orElse(failed.toString());
  }

  private static Duration wait(int before) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(before, 10));
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }
}
