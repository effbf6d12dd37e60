package io.naap.metering.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/** What metering counts; labels never hold an id. */
@ApplicationScoped
public class MeteringMetrics {
  private final MeterRegistry registry;

  /** Usage entries that could not be stored and wait for a person, and the age of the oldest. */
  private final AtomicLong deadLetters = new AtomicLong();

  private final AtomicLong oldestDeadLetterSeconds = new AtomicLong();

  MeteringMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("metering_usage_dead_letters", deadLetters);
    registry.gauge("metering_usage_dead_letter_age_seconds", oldestDeadLetterSeconds);
  }

  /** How many usage entries wait for a person, and for how long the oldest has. */
  public void deadLetters(long open, long oldestSeconds) {
    deadLetters.set(open);
    oldestDeadLetterSeconds.set(oldestSeconds);
  }

  /** Events were stored for the first time. */
  public void stored(String state, int count) {
    registry.counter("metering_events_total", "state", state).increment(count);
  }

  /** A router declared a range of its usage missing, for the first time. */
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
   * Entries of a stream were deleted before they were read: usage may be lost, a person must act.
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
