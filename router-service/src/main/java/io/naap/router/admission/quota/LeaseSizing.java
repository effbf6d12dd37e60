package io.naap.router.admission.quota;

import io.naap.router.limit.Policy;

/** How large a lease should be, by what jobs took since the last report. */
final class LeaseSizing {
  /** A lease lasts about so long, when jobs go on as they did. */
  private static final long AHEAD_MILLIS = 20_000;

  /** A lease lasts for so many jobs, however rare they are. */
  private static final int JOBS_AHEAD = 8;

  private final boolean concurrent;
  private long taken;
  private long largest;

  /** The most that jobs held at once. */
  private long mostHeld;

  LeaseSizing(boolean concurrent) {
    this.concurrent = concurrent;
  }

  /** A job took so much. */
  void take(long need, long held) {
    taken += need;
    largest = Math.max(largest, need);
    mostHeld = Math.max(mostHeld, held);
  }

  /**
   * The next job may not find enough below this. What was taken foretells how long a lease lasts;
   * jobs at once come back, so that only their peak tells.
   */
  long low() {
    return concurrent ? mostHeld / 4 : Math.max(taken / 4, largest);
  }

  /**
   * How much should be here for jobs to come.
   *
   * @param needed by jobs that wait
   * @param isFirst Redis has not answered about this lease before
   */
  long target(long held, long needed, boolean isFirst, long elapsedMillis) {
    if (concurrent) {
      return mostHeld + mostHeld / 2 + 2 - held;
    }
    if (isFirst) {
      return needed * JOBS_AHEAD;
    }
    long ahead = Math.min(Policy.MAX, taken * AHEAD_MILLIS / Math.max(1, elapsedMillis));
    return Math.max(largest * JOBS_AHEAD, ahead);
  }

  /**
   * What to ask of Redis.
   *
   * @param stays what is here and not given back
   * @param needed by jobs that wait
   * @param target how much should be here for jobs to come
   * @param keepable half of what jobs do not need is promised not to be touched
   */
  static LeaseWish.Asked ask(long stays, long needed, long target, boolean keepable) {
    long keeps = keepable ? Math.max(0, Math.min(stays / 2, stays - needed)) : 0;
    long need = Math.max(0, needed - (stays - keeps));
    long want = Math.max(0, Math.min(target, Policy.MAX / 8) - Math.max(0, stays + need));
    return new LeaseWish.Asked(need, want, keeps);
  }

  /** What is taken from now on counts for the next lease. */
  void reset(long held) {
    taken = 0;
    largest = 0;
    mostHeld = held;
  }
}
