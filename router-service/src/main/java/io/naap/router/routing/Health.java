package io.naap.router.routing;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Whether a gateway does its jobs. A gateway that failed too often is ejected, each time for
 * longer, and then gets one job at a time until one succeeds. All times are {@link
 * System#nanoTime}'s. A success costs an addition and no lock.
 */
public final class Health {
  private static final long PROBE_EVERY_NANOS = 1_000_000_000L;

  private final AtomicInteger inARow = new AtomicInteger();
  private final AtomicLong probedAt = new AtomicLong();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private volatile boolean ejected;
  private volatile long untilNanos;
  private long windowNanos;
  private long returnedNanos;
  private int ejections;

  /** When a gateway is ejected. */
  public record Rules(
      int failuresInARow,
      long windowNanos,
      int windowJobs,
      int failurePercent,
      long ejectedNanos,
      long ejectedAtMostNanos) {}

  /** True while a gateway is ejected, or has not done a job since. */
  public boolean isEjected() {
    return ejected;
  }

  /** True when an ejected gateway gets the next job; at most once a second. */
  boolean takesProbe(long nanos) {
    if (!ejected || nanos - untilNanos < 0) {
      return false;
    }
    long last = probedAt.get();
    return nanos - last >= PROBE_EVERY_NANOS && probedAt.compareAndSet(last, nanos);
  }

  /**
   * A job was done.
   *
   * @return true when this brings the gateway back
   */
  boolean succeeded(long nanos) {
    succeeded.increment();
    if (inARow.get() != 0) {
      inARow.set(0);
    }
    return ejected && nanos - untilNanos >= 0 && back(nanos);
  }

  private synchronized boolean back(long nanos) {
    if (!ejected) {
      return false;
    }
    ejected = false;
    returnedNanos = nanos;
    newWindow(nanos);
    return true;
  }

  /**
   * A job failed through the gateway's fault.
   *
   * @param mayEject false when too many other gateways are ejected
   * @return for how many nanoseconds this ejects the gateway, or zero
   */
  synchronized long failed(Rules rules, boolean mayEject, long nanos) {
    if (nanos - windowNanos > rules.windowNanos) {
      newWindow(nanos);
    }
    failed.increment();
    int row = inARow.incrementAndGet();
    if (ejected) {
      // This was a probe, or ran when the gateway was ejected; only the first of them ejects it
      // for longer.
      return nanos - untilNanos >= 0 ? eject(rules, nanos) : 0;
    }
    long bad = failed.sum();
    long all = bad + succeeded.sum();
    boolean outlier =
        row >= rules.failuresInARow
            || (all >= rules.windowJobs && bad * 100 >= all * rules.failurePercent);
    return outlier && mayEject ? eject(rules, nanos) : 0;
  }

  private long eject(Rules rules, long nanos) {
    if (!ejected && nanos - returnedNanos > rules.ejectedAtMostNanos) {
      ejections = 0;
    }
    long length =
        Math.min(rules.ejectedAtMostNanos, rules.ejectedNanos * (1L << Math.min(ejections, 20)));
    ejections++;
    untilNanos = nanos + length;
    probedAt.set(untilNanos - PROBE_EVERY_NANOS);
    ejected = true;
    return length;
  }

  private void newWindow(long nanos) {
    windowNanos = nanos;
    succeeded.reset();
    failed.reset();
    inARow.set(0);
  }
}
