package io.naap.metering.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of metering. Labels never hold an id. */
@ApplicationScoped
public class MeteringMetrics {
  private final MeterRegistry registry;

  /** Open dead letters of usage streams, and the age of the oldest. */
  private final AtomicLong deadLetters = new AtomicLong();

  private final AtomicLong oldestDeadLetterSeconds = new AtomicLong();

  MeteringMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("metering_usage_dead_letters", deadLetters);
    registry.gauge("metering_usage_dead_letter_age_seconds", oldestDeadLetterSeconds);
  }

  /** Sets the number of open dead letters of usage streams and the age of the oldest. */
  public void deadLetters(long open, long oldestSeconds) {
    deadLetters.set(open);
    oldestDeadLetterSeconds.set(oldestSeconds);
  }

  /** Counts events that were stored for the first time. */
  public void stored(String state, int count) {
    registry.counter("metering_events_total", "state", state).increment(count);
  }

  /** Counts a range of usage that a router declared missing for the first time. */
  public void missing() {
    registry.counter("metering_usage_missing_total").increment();
  }

  public void repeated(int count) {
    registry.counter("metering_events_total", "state", "repeated").increment(count);
  }

  public void unreadable(int count) {
    registry.counter("metering_events_total", "state", "unreadable").increment(count);
  }

  /**
   * Counts stream entries that were deleted before they were read: usage may be lost, and an
   * operator must act.
   */
  public void deletedUnread(int count) {
    registry.counter("metering_stream_deleted_unread_total").increment(count);
  }

  public void jobFailed(String job) {
    registry.counter("metering_job_failures_total", "job", job).increment();
  }

  public void invoices(String what, int count) {
    registry.counter("metering_invoices_total", "what", what).increment(count);
  }

  public void delivery(String outcome) {
    registry.counter("metering_webhook_deliveries_total", "outcome", outcome).increment();
  }
}
