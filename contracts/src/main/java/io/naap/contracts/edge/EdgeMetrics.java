package io.naap.contracts.edge;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** What every service counts of the requests that it does not even begin with. */
@Singleton
public class EdgeMetrics {
  private final MeterRegistry registry;

  EdgeMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A body that was not read, or not to its end. */
  void bodyRefused(String reason) {
    registry.counter("naap_edge_bodies_refused", "reason", reason).increment();
  }

  /** A request whose head was refused. */
  void headRefused(String reason) {
    registry.counter("naap_edge_requests_refused", "reason", reason).increment();
  }

  void bodyMemory(BodyMemory memory) {
    Gauge.builder("naap_edge_body_memory_bytes", memory, BodyMemory::takenBytes).register(registry);
  }
}
