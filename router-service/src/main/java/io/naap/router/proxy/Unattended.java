package io.naap.router.proxy;

import io.naap.router.metrics.RouterMetrics;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the jobs whose client has left and that are waited for all the same, so that what their
 * gateway makes is measured. Each keeps its places among the jobs in flight and of its key.
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

  /** How such a job ended. */
  enum End {
    /** It was done, and is billed as measured. */
    MEASURED,
    /** What it came to is not known: it is billed by its hold. */
    HELD,
    /** It was not done. */
    FAILED
  }

  /** True when one more may be waited for; then {@link #leave} follows. */
  boolean enter() {
    if (now.incrementAndGet() > most) {
      now.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    now.decrementAndGet();
  }

  void ended(End end) {
    metrics.unattendedEnded(end.name());
  }
}
