package io.naap.router.routing;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The models that one gateway lately had no capacity for. A gateway says so by dropping the
 * connection after it has tried a job at up to 20 orchestrators. Such a model's jobs then go to
 * other gateways first for a while, and clients are told to come back later each time. Nothing is
 * refused because of it, so a tenant whose jobs are dropped cannot block the model for others.
 *
 * <p>All times are {@link System#nanoTime}'s. Any thread.
 */
public final class Shortages {
  /**
   * The most models. Customers choose the names of containers, so the model that was not seen for
   * longest is forgotten.
   */
  static final int MOST = 256;

  private static final long SECOND = 1_000_000_000L;

  private final Map<Of, Shortage> models = new LinkedHashMap<>(16, 0.75f, true);

  /** Read without the lock: most gateways have capacity for all models. */
  private volatile boolean any;

  /** For how long a model is remembered at first, and at most. */
  record Rules(long firstNanos, long mostNanos) {}

  private record Of(String capability, String model) {}

  private static final class Shortage {
    private int inARow;
    private long sinceNanos;
    private long untilNanos;
  }

  /**
   * No orchestrator took a job. Of jobs that ran at the same time, only one that was forwarded
   * after the shortage was known makes it longer.
   *
   * @param forwardedNanos when the gateway got the job
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

  /** A job was done, so there is capacity. */
  void remove(String capability, String model) {
    if (any) {
      synchronized (this) {
        models.remove(new Of(capability, model));
        any = !models.isEmpty();
      }
    }
  }

  /** For how many more nanoseconds the model is remembered, or zero. */
  long left(String capability, String model, long nanos) {
    if (!any) {
      return 0;
    }
    synchronized (this) {
      Shortage shortage = models.get(new Of(capability, model));
      return shortage == null ? 0 : Math.max(0, shortage.untilNanos - nanos);
    }
  }

  /** The same in seconds, rounded up. */
  long seconds(String capability, String model, long nanos) {
    return Math.ceilDiv(left(capability, model, nanos), SECOND);
  }

  synchronized int size() {
    return models.size();
  }
}
