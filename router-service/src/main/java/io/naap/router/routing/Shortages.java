package io.naap.router.routing;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The models that one gateway lately had no capacity for. A real gateway says so by dropping the
 * connection, after it has tried a job up to 20 times; so such a model's jobs go to other gateways
 * first for a while, and clients are told to come back later each time. Nothing is refused here: a
 * tenant whose jobs are dropped takes the model from nobody else.
 *
 * <p>All times are {@link System#nanoTime}'s. Any thread.
 */
public final class Shortages {
  /** Customers choose the names of containers: the one not seen for longest is forgotten. */
  static final int MOST = 256;

  private static final long SECOND = 1_000_000_000L;

  private final Map<Of, Shortage> models = new LinkedHashMap<>(16, 0.75f, true);

  /** Read without the lock: most gateways are short of nothing. */
  private volatile boolean any;

  /** How long a model is remembered: at first, and at most. */
  record Rules(long firstNanos, long mostNanos) {}

  private record Of(String capability, String model) {}

  private static final class Shortage {
    private int inARow;
    private long sinceNanos;
    private long untilNanos;
  }

  /**
   * A job was not placed. Jobs that ran at the same time tell of the same shortage: only one that
   * was forwarded after it was known makes it longer.
   *
   * @param forwardedNanos when the job was given to the gateway
   */
  synchronized void add(
      Rules rules, String capability, String model, long forwardedNanos, long nanos) {
    Shortage shortage = models.computeIfAbsent(new Of(capability, model), fresh -> new Shortage());
    if (shortage.inARow > 0 && nanos - shortage.untilNanos > rules.mostNanos) {
      shortage.inARow = 0;
    }
    if (shortage.inARow == 0 || forwardedNanos - shortage.sinceNanos > 0) {
      long length =
          Math.min(rules.mostNanos, rules.firstNanos * (1L << Math.min(shortage.inARow, 20)));
      shortage.inARow++;
      shortage.sinceNanos = nanos;
      shortage.untilNanos = nanos + length;
    }
    if (models.size() > MOST) {
      Iterator<Of> eldest = models.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    any = true;
  }

  /** A job was done: there is capacity. */
  void remove(String capability, String model) {
    if (any) {
      synchronized (this) {
        models.remove(new Of(capability, model));
        any = !models.isEmpty();
      }
    }
  }

  /** For how long the model is short, or zero. */
  long left(String capability, String model, long nanos) {
    if (!any) {
      return 0;
    }
    synchronized (this) {
      Shortage shortage = models.get(new Of(capability, model));
      return shortage == null ? 0 : Math.max(0, shortage.untilNanos - nanos);
    }
  }

  /** The same in whole seconds, rounded up. */
  long seconds(String capability, String model, long nanos) {
    return Math.ceilDiv(left(capability, model, nanos), SECOND);
  }

  synchronized int size() {
    return models.size();
  }
}
