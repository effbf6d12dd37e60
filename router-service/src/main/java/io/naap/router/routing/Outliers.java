package io.naap.router.routing;

import io.naap.router.metrics.RouterMetrics;
import jakarta.inject.Singleton;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Judges gateways by their jobs. A gateway that is down gets no jobs for a while, unless too many
 * gateways of its pool are down. Down is a gateway that cannot be connected to, or that does not
 * answer {@code GET /healthz} with 200. Any other failure of a job (a dropped connection, a
 * deadline, an error, an unusable answer) may come from its model, its orchestrators or its
 * customer: then the gateway keeps its jobs, and only the model is tried elsewhere first, see
 * {@link Shortages}.
 */
@Singleton
public class Outliers {
  private static final Logger LOG = Logger.getLogger(Outliers.class);

  private final Health.Rules rules;
  private final Shortages.Rules shortages;
  private final int mostEjectedPercent;
  private final HealthProbe probe;
  private final RouterMetrics metrics;

  Outliers(OutlierConfig config, HealthProbe probe, RouterMetrics metrics) {
    this.rules =
        new Health.Rules(
            config.failuresInARow(),
            config.window().toNanos(),
            config.windowJobs(),
            config.failurePercent(),
            config.ejectedFor().toNanos(),
            config.ejectedAtMost().toNanos());
    this.shortages =
        new Shortages.Rules(config.noCapacityFor().toNanos(), config.noCapacityAtMost().toNanos());
    this.mostEjectedPercent = config.mostEjectedPercent();
    this.probe = probe;
    this.metrics = metrics;
  }

  /** The gateway did a job. */
  public void succeeded(Route route, String capability, String model) {
    route.gateway().shortages().remove(capability, model);
    answered(route);
  }

  /** The gateway answered, for example with a refusal. */
  public void answered(Route route) {
    if (route.gateway().health().succeeded(System.nanoTime())) {
      metrics.gatewayReturned(route.gateway().name());
      LOG.infof("gateway is back, gateway=%s", route.gateway().name());
    }
  }

  /** The gateway cannot be connected to. */
  public void unreachable(Route route) {
    down(route, "connect");
  }

  /**
   * The gateway found no orchestrator for a job, or did not do it: it has no capacity for this
   * model.
   *
   * @param reason for the count of failures
   * @param forwardedNanos when the gateway got the job, by {@link System#nanoTime}
   */
  public void unserved(
      Route route, String reason, String capability, String model, long forwardedNanos) {
    metrics.gatewayFailed(route.gateway().name(), reason);
    route
        .gateway()
        .shortages()
        .add(shortages, capability, model, forwardedNanos, System.nanoTime());
  }

  /** A job failed after its answer had begun. */
  public void broke(Route route, String reason) {
    metrics.gatewayFailed(route.gateway().name(), reason);
  }

  /** Checks whether a gateway is down that dropped a connection, or was late. */
  public void suspect(Route route) {
    Gateway gateway = route.gateway();
    gateway
        .probing()
        .look(() -> probe.isUp(gateway), System.nanoTime())
        .onSuccess(
            up -> {
              if (up) {
                answered(route);
              } else {
                down(route, "health");
              }
            });
  }

  /** In how many seconds a job may be tried again whose model has no capacity; at least one. */
  public static long retryAfter(List<Route> routes, String capability, String model) {
    long nanos = System.nanoTime();
    long soonest = Long.MAX_VALUE;
    for (Route route : routes) {
      soonest = Math.min(soonest, route.gateway().shortages().seconds(capability, model, nanos));
    }
    return routes.isEmpty() ? 1 : Math.max(1, soonest);
  }

  private void down(Route route, String reason) {
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
