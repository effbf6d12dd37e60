package io.naap.router.health;

import io.naap.router.routing.RoutingTables;
import io.naap.router.usage.UsageRecorder;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when a routing table is loaded and the spool can take usage. */
@Readiness
@Singleton
public class RouterReadiness implements HealthCheck {
  private final RoutingTables tables;
  private final UsageRecorder usage;

  RouterReadiness(RoutingTables tables, UsageRecorder usage) {
    this.tables = tables;
    this.usage = usage;
  }

  @Override
  public HealthCheckResponse call() {
    boolean routed = tables.current() != null;
    boolean recording = routed && !usage.isFull();
    return HealthCheckResponse.named("router")
        .withData("routing-table", routed)
        .withData("usage-spool", recording)
        .status(routed && recording)
        .build();
  }
}
