package io.naap.router.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Jobs whose usage was added to the spool and that are not settled yet. Each is settled once, after
 * its usage was written and in the order of the spool, whichever event loop it ended on: else a
 * report to Redis of a later one would hide an earlier one that is lost with the process.
 *
 * <p>One thread at a time does this, for all. Another one that comes meanwhile leaves its jobs to
 * that thread and does not wait, so that no event loop waits for another one's write.
 *
 * @param <J> a job that ended
 */
final class SettlementQueue<J> {
  private final Object lock;
  private final Work<J> work;
  private final Executor worker;

  /** Guarded by the lock. */
  private List<J> added = new ArrayList<>();

  /** How often somebody came since the queue was found empty; above 0 while a thread works. */
  private final AtomicInteger came = new AtomicInteger();

  /** What is done with jobs, by one thread at a time. */
  interface Work<J> {
    /** Ends the batch that the jobs' usage is in. The lock is held. */
    void endBatch();

    /** True when {@link #write} may block for long, and this thread must not. */
    boolean needsWorker();

    /**
     * Writes the batch, without the lock. A batch that cannot be written is kept for the next time
     * and is no reason to hold a job up; must not throw.
     */
    void write();

    /** Settles a job, without the lock; must not throw. */
    void settle(J job);

    /** Runs this soon, after other work of this thread. */
    void goOn(Runnable next);
  }

  /**
   * @param lock held by whoever adds, so that what is added is in the order of the spool
   * @param worker runs a write that may block
   */
  SettlementQueue(Object lock, Work<J> work, Executor worker) {
    this.lock = lock;
    this.work = work;
    this.worker = worker;
  }

  /** Adds a job whose usage was just added to the spool. The lock is held. */
  void add(J job) {
    assert Thread.holdsLock(lock) : "jobs would be settled in another order than the spool's";
    added.add(job);
  }

  /** All that was added before is written and settled: now, or soon by the thread that does so. */
  void writeAndSettle() {
    if (came.getAndIncrement() == 0) {
      round();
    }
  }

  private void round() {
    int seen = came.get();
    List<J> jobs;
    synchronized (lock) {
      work.endBatch();
      jobs = added;
      added = new ArrayList<>();
    }
    if (work.needsWorker()) {
      worker.execute(() -> finish(jobs, seen));
    } else {
      finish(jobs, seen);
    }
  }

  private void finish(List<J> jobs, int seen) {
    work.write();
    jobs.forEach(work::settle);
    if (came.addAndGet(-seen) != 0) {
      work.goOn(this::round);
    }
  }
}
