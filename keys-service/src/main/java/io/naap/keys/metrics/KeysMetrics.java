package io.naap.keys.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** Metrics of keys-service. */
@ApplicationScoped
public class KeysMetrics {
  private final MeterRegistry registry;

  public KeysMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts a key that was resolved. */
  public void resolved() {
    registry.counter("keys_resolved_total").increment();
  }

  /** Counts a key that was refused. */
  public void refused(String reason) {
    registry.counter("keys_refused_total", "reason", reason).increment();
  }

  /** Counts a finding of a leak report. */
  public void leaked(String label) {
    registry.counter("keys_leaks_reported_total", "label", label).increment();
  }
}
