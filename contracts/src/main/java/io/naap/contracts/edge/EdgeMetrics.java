package io.naap.contracts.edge;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** Counts requests that are refused before any resource sees them. */
@Singleton
public class EdgeMetrics {
  private final MeterRegistry registry;

  EdgeMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A body was refused before it was read, or while it was read. */
  void bodyRefused(String reason) {
    registry.counter("naap_edge_bodies_refused", "reason", reason).increment();
  }

  /** A request was refused because of its head. */
  void headRefused(String reason) {
    registry.counter("naap_edge_requests_refused", "reason", reason).increment();
  }

  void bodyMemory(BodyMemory memory) {
    Gauge.builder("naap_edge_body_memory_bytes", memory, BodyMemory::takenBytes).register(registry);
  }
}
