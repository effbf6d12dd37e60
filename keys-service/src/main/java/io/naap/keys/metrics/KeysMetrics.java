package io.naap.keys.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** What keys-service counts. */
@ApplicationScoped
public class KeysMetrics {
  private final MeterRegistry registry;

  public KeysMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A key was resolved. */
  public void resolved() {
    registry.counter("keys_resolved_total").increment();
  }

  /** A key was refused. */
  public void refused(String reason) {
    registry.counter("keys_refused_total", "reason", reason).increment();
  }

  /** A key was reported as leaked, rightly or not. */
  public void leaked(String label) {
    registry.counter("keys_leaks_reported_total", "label", label).increment();
  }
}
