package io.naap.clearinghouse.chain;

import java.io.IOException;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Runs a task on a virtual thread again and again until it is stopped. A run that fails is repeated
 * soon; readers keep their position in Postgres, so they leave nothing out.
 */
public final class PollingLoop {
  private static final Logger LOG = Logger.getLogger(PollingLoop.class);
  private static final Duration SOON = Duration.ofSeconds(1);

  private final String what;
  private final Duration interval;
  private final Look look;
  private final Thread thread;
  private volatile boolean stopping;

  /** One run; what it throws ends the run and not the thread. */
  @FunctionalInterface
  public interface Look {
    void look() throws IOException, InterruptedException;
  }

  private PollingLoop(String what, Duration interval, Look look) {
    this.what = what;
    this.interval = interval;
    this.look = look;
    this.thread = Thread.ofVirtual().name(what).unstarted(this::run);
  }

  /**
   * Starts a loop; its first run begins at once.
   *
   * @param what names the loop in the log
   * @param interval from one run to the next
   */
  public static PollingLoop start(String what, Duration interval, Look look) {
    PollingLoop follower = new PollingLoop(what, interval, look);
    follower.thread.start();
    return follower;
  }

  public void stop() {
    stopping = true;
    thread.interrupt();
  }

  private void run() {
    boolean outage = false;
    while (!stopping) {
      try {
        look.look();
        if (outage) {
          LOG.infof("%s: the chain answers again", what);
        }
        outage = false;
        Thread.sleep(interval);
      } catch (InterruptedException stopped) {
        return;
      } catch (Throwable failed) {
        // The boundary of this thread, errors included: the next run tries again.
        LOG.logf(
            outage ? Logger.Level.DEBUG : Logger.Level.WARN,
            failed,
            "%s waits for the chain",
            what);
        outage = true;
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(interval.compareTo(SOON) < 0 ? interval : SOON);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
