package io.naap.router.proxy;

import io.naap.router.metrics.RouterMetrics;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the jobs whose client has left and whose answer is waited for all the same, to bill it as
 * measured. Each still counts among the jobs in flight, and among those of its key at once.
 */
@Singleton
public class Unattended {
  private final int most;
  private final RouterMetrics metrics;
  private final AtomicInteger now = new AtomicInteger();

  Unattended(ProxyConfig config, RouterMetrics metrics) {
    this.most = config.mostUnattended();
    this.metrics = metrics;
    metrics.unattended(now::get);
  }

  /** How a job ended whose client had left. */
  private enum End {
    /** It was done, and is billed as measured. */
    MEASURED,
    /** Its use is not known: it is billed by its hold. */
    HELD,
    /** It was not done. */
    FAILED
  }

  /** Counts one more such job, which {@link #leave} ends; false when there are too many. */
  boolean enter() {
    if (now.incrementAndGet() > most) {
      now.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Such a job has ended; one that is billed by its hold was counted by {@link #held}. */
  void leave(JobEnd end) {
    now.decrementAndGet();
    if (end.isSuccess()) {
      ended(End.MEASURED);
    } else if (end.units().isNone()) {
      ended(End.FAILED);
    }
  }

  /** What a job came to whose client left is not known, so that it is billed by its hold. */
  void held() {
    ended(End.HELD);
  }

  private void ended(End end) {
    metrics.unattendedEnded(end.name());
  }
}
