package io.naap.router.proxy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps retries a share of jobs: each job earns a part of one, and a failed connection may be
 * followed by another only while something is earned. When every gateway is down, what is added to
 * the load is this share and not a multiple.
 */
final class RetryBudget {
  private static final long WHOLE = 100;

  private final long percent;
  private final long most;
  private final AtomicLong earned;

  /**
   * @param percent of jobs that may be retried in the long run
   * @param reserve retries that may come at once, also at the start
   */
  RetryBudget(int percent, int reserve) {
    this.percent = percent;
    this.most = reserve * WHOLE;
    this.earned = new AtomicLong(most);
  }

  /** A job begins. */
  void earn() {
    if (earned.get() < most) {
      earned.addAndGet(percent);
    }
  }

  /** True when one more retry may be made. */
  boolean spend() {
    long left = earned.get();
    while (left >= WHOLE) {
      if (earned.compareAndSet(left, left - WHOLE)) {
        return true;
      }
      left = earned.get();
    }
    return false;
  }
}
