package io.naap.router.routing;

import io.naap.router.RouterMetrics;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Hears how jobs went at their gateways, and takes a gateway that fails out of its pool for a
 * while; never so many that the rest of the pool would carry the whole pool's jobs.
 */
@Singleton
public class Outliers {
  private static final Logger LOG = Logger.getLogger(Outliers.class);

  private final Health.Rules rules;
  private final int mostEjectedPercent;
  private final RouterMetrics metrics;

  Outliers(OutlierConfig config, RouterMetrics metrics) {
    this.rules =
        new Health.Rules(
            config.failuresInARow(),
            config.window().toNanos(),
            config.windowJobs(),
            config.failurePercent(),
            config.ejectedFor().toNanos(),
            config.ejectedAtMost().toNanos());
    this.mostEjectedPercent = config.mostEjectedPercent();
    this.metrics = metrics;
  }

  /** The gateway did the job, or rightly refused it. */
  public void succeeded(Route route) {
    if (route.gateway().health().succeeded(System.nanoTime())) {
      metrics.gatewayReturned(route.gateway().name());
      LOG.infof("gateway is back, gateway=%s", route.gateway().name());
    }
  }

  /**
   * The job failed through the gateway's fault.
   *
   * @param reason for the count of failures
   */
  public void failed(Route route, String reason) {
    Gateway gateway = route.gateway();
    metrics.gatewayFailed(gateway.name(), reason);
    long nanos =
        gateway
            .health()
            .failed(rules, mayEject(route.pool(), mostEjectedPercent), System.nanoTime());
    if (nanos > 0) {
      metrics.gatewayEjected(gateway.name());
      LOG.warnf(
          "gateway ejected, gateway=%s, reason=%s, seconds=%d",
          gateway.name(), reason, nanos / 1_000_000_000L);
    }
  }

  static boolean mayEject(Pool pool, int mostEjectedPercent) {
    int out = 0;
    for (Gateway gateway : pool.gateways()) {
      if (gateway.health().isEjected()) {
        out++;
      }
    }
    return (out + 1) * 100 <= pool.gateways().size() * mostEjectedPercent;
  }
}
