package io.naap.router;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;

/** What this service counts. Labels are few and never a person's, key's or request's. */
@ApplicationScoped
public class RouterMetrics {
  private final MeterRegistry registry;

  RouterMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  public void refused(String reason) {
    registry
        .counter("router_refusals_total", "reason", reason.toLowerCase(Locale.ROOT))
        .increment();
  }

  public void finished(String capability, String outcome) {
    registry.counter("router_jobs_total", "capability", capability, "outcome", outcome).increment();
  }

  public void gatewayFailed(String gateway, String reason) {
    registry
        .counter("router_gateway_failures_total", "gateway", gateway, "reason", reason)
        .increment();
  }

  public void spooled(long bytes) {
    registry.summary("router_spool_bytes").record((double) bytes);
  }
}
