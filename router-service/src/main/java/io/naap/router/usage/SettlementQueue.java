package io.naap.router.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the spool took and is not settled yet. Each is settled once, after it was written and in the
 * order of the spool, whichever event loops come at once: else a report to the store of a later one
 * would hide an earlier one that is lost with the process.
 *
 * @param <J> a job that ended
 */
final class SettlementQueue<J> {
  /** One thread at a time settles; taken before the lock. */
  private final Object turn = new Object();

  private final Object lock;
  private final Runnable write;
  private final Consumer<J> settle;
  private List<J> next = new ArrayList<>();

  /**
   * @param lock held by whoever adds, so that what is added is in the order of the spool
   * @param write stores what the spool took; called with the lock held
   * @param settle without the lock; must not throw
   */
  SettlementQueue(Object lock, Runnable write, Consumer<J> settle) {
    this.lock = lock;
    this.write = write;
    this.settle = settle;
  }

  /** Takes a job that the spool took. The lock is held. */
  void add(J job) {
    assert Thread.holdsLock(lock) : "jobs would be settled in another order than the spool's";
    next.add(job);
  }

  /**
   * When this returns, all that was added before is written and settled, perhaps by somebody else.
   */
  void writeAndSettle() {
    synchronized (turn) {
      List<J> now;
      synchronized (lock) {
        write.run();
        now = next;
        next = new ArrayList<>();
      }
      now.forEach(settle);
    }
  }
}
