package io.naap.metering;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** What metering counts; labels never hold an id. */
@ApplicationScoped
public class MeteringMetrics {
  private final MeterRegistry registry;

  MeteringMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** An event was stored for the first time. */
  public void stored(String state) {
    registry.counter("metering_events_total", "state", state).increment();
  }

  public void repeated(int count) {
    registry.counter("metering_events_total", "state", "repeated").increment(count);
  }

  public void unreadable(int count) {
    registry.counter("metering_events_total", "state", "unreadable").increment(count);
  }

  public void published(int count) {
    registry.counter("metering_outbox_published_total").increment(count);
  }

  public void outboxFull() {
    registry.counter("metering_outbox_full_batches_total").increment();
  }
}
