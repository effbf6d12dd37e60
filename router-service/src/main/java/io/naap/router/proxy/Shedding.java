package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.naap.router.metrics.RouterMetrics;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits the jobs that this router carries at once. Each tier leaves a part free for every tier
 * above it, so that in an overload the jobs of the lowest tier are refused first.
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
   * Counts one more job; {@link #leave} ends it.
   *
   * @param tiersAbove how many tiers are worth more than the job's
   * @return the refusal when the router may carry no more jobs of the tier; the job is not counted
   */
  Optional<Refusal> enter(int tiersAbove) {
    int now = inFlight.incrementAndGet();
    if (now > mostFor(most, reservedPercent, tiersAbove)) {
      inFlight.decrementAndGet();
      metrics.refused("shed");
      return Optional.of(
          Refusal.unavailable("The platform is too busy for your plan right now; try again."));
    }
    return Optional.empty();
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  /**
   * The most jobs that may be carried when a job of a tier is admitted; at least a tenth of all, so
   * that no tier is always refused.
   */
  static int mostFor(int most, int reservedPercent, int tiersAbove) {
    long kept = (long) most * reservedPercent * tiersAbove / 100;
    return (int) Math.max(Math.max(1, most / 10), most - kept);
  }
}
