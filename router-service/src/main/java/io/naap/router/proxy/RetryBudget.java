package io.naap.router.proxy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps retries to a percentage of jobs. Each job earns a part of a retry, and a job is sent to
 * another gateway only when a whole retry is earned. So when every gateway is down, retries add
 * this percentage to the load, not a multiple.
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

  /** A job begins, and earns a part of a retry. */
  void earn() {
    if (earned.get() < most) {
      earned.addAndGet(percent);
    }
  }

  /** Takes one retry; false when none is earned. */
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
