package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.naap.router.metrics.RouterMetrics;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the jobs that one router carries at once. The last places are kept for the better tiers:
 * each tier leaves a further part free for every tier above it, so that in an overload the lowest
 * tier is shed first.
 */
@Singleton
public class Shedding {
  private final int most;
  private final int reservedPercent;
  private final RouterMetrics metrics;
  private final AtomicInteger inFlight = new AtomicInteger();

  Shedding(ProxyConfig config, RouterMetrics metrics) {
    this.most = config.mostInFlight();
    this.reservedPercent = config.reservedPercent();
    this.metrics = metrics;
    metrics.jobsInFlight(inFlight::get);
  }

  /**
   * Takes a place, which {@link #leave} gives back.
   *
   * @param tiersAbove how many tiers are worth more than the job's
   * @throws Refusal.RefusedException 503 when there is none for the tier
   */
  void enter(int tiersAbove) {
    int now = inFlight.incrementAndGet();
    if (now > places(most, reservedPercent, tiersAbove)) {
      inFlight.decrementAndGet();
      metrics.refused("shed");
      throw Refusal.unavailable("The platform is too busy for your plan right now; try again.")
          .raise();
    }
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  /** The places of a tier; at least a tenth of all, so that nobody is shut out for ever. */
  static int places(int most, int reservedPercent, int tiersAbove) {
    long kept = (long) most * reservedPercent * tiersAbove / 100;
    return (int) Math.max(Math.max(1, most / 10), most - kept);
  }
}
