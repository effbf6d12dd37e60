package io.naap.router.proxy;

import io.naap.router.metrics.RouterMetrics;
import io.naap.router.routing.Outliers;
import jakarta.inject.Singleton;

/** How jobs reach gateways, and how gateways are judged by what becomes of them. */
@Singleton
class GatewaySide {
  final Gateways gateways;
  final Outliers outliers;
  private final RetryBudget retries;
  private final RouterMetrics metrics;

  GatewaySide(Gateways gateways, Outliers outliers, ProxyConfig config, RouterMetrics metrics) {
    this.gateways = gateways;
    this.outliers = outliers;
    this.retries = new RetryBudget(config.retryPercent(), config.retryReserve());
    this.metrics = metrics;
  }

  /** A job begins, which earns a part of a retry. */
  void jobBegins() {
    retries.earn();
  }

  /** True when a job may be sent to another gateway. */
  boolean mayRetry() {
    boolean may = retries.spend();
    metrics.retried(may);
    return may;
  }
}
