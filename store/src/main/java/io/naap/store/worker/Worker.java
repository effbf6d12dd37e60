package io.naap.store.worker;

import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * One background loop, on a virtual thread of its own: a round, then a pause, until it is stopped.
 * A round that fails is counted, logged once until one succeeds, and tried again after a pause that
 * grows. Made by {@link Workers}.
 */
public final class Worker {
  private static final Logger LOG = Logger.getLogger(Worker.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String name;
  private final Duration interval;
  private final Duration stuckAfter;
  private final Round round;
  private final Counter failures;
  private final Semaphore pokes = new Semaphore(0);
  private volatile long beatNanos = System.nanoTime();
  private volatile boolean stopping;
  private volatile boolean failing;
  private Thread thread;

  /** One round of the loop. */
  public interface Round {
    /** May throw anything: the loop goes on. */
    void run() throws Exception;
  }

  /**
   * @param interval between two rounds, unless it is poked
   * @param stuckAfter a round that takes longer hangs
   */
  Worker(String name, Duration interval, Duration stuckAfter, Round round, Counter failures) {
    this.name = name;
    this.interval = interval;
    this.stuckAfter = stuckAfter.plus(interval);
    this.round = round;
    this.failures = failures;
  }

  Worker start() {
    beat();
    thread = Thread.ofVirtual().name(name).start(this::run);
    return this;
  }

  /** Ends the pause, because there is something to do. */
  public void poke() {
    pokes.release();
  }

  /** Says that a long round makes progress, so that it does not count as stuck. */
  public void beat() {
    beatNanos = System.nanoTime();
  }

  /** True once {@link #stop} was called: a long round ends then. */
  public boolean isStopping() {
    return stopping;
  }

  /** Waits up to five seconds for the round to end, and then interrupts it. */
  public void stop() {
    stopping = true;
    poke();
    try {
      if (thread != null && !thread.join(PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException hurried) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  public String name() {
    return name;
  }

  /** True while its thread runs and its rounds end. */
  public boolean isAlive() {
    return stopping
        || (thread != null
            && thread.isAlive()
            && System.nanoTime() - beatNanos < stuckAfter.toNanos());
  }

  private void run() {
    long pause = FIRST_PAUSE_MILLIS;
    while (!stopping) {
      try {
        beat();
        round.run();
        failing = false;
        pause = FIRST_PAUSE_MILLIS;
        beat();
        if (pokes.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
          pokes.drainPermits();
        }
      } catch (InterruptedException stopped) {
        if (stopping) {
          return;
        }
        // An interrupt that stop() did not send does not end the loop.
        failed(stopped);
      } catch (Throwable failed) {
        // Nothing that a round throws, not even an Error, ends the loop.
        failed(failed);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        sleep(pause);
      }
    }
  }

  private void failed(Throwable failure) {
    if (stopping) {
      return;
    }
    failures.increment();
    LOG.logf(
        failing ? Logger.Level.DEBUG : Logger.Level.WARN,
        failure,
        "a round failed and is tried again, worker=%s",
        name);
    failing = true;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException hurried) {
      // The loop checks whether it is to stop before the next round.
    }
  }
}
