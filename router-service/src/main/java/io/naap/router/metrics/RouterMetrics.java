package io.naap.router.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.naap.contracts.metering.Units;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** The metrics of the router. Labels have few values and never name a tenant, key or request. */
@Singleton
public class RouterMetrics {
  /** Buckets from the milliseconds that the router adds to the minutes that a video takes. */
  private static final Duration[] LEVELS =
      Stream.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final AtomicLong spoolBytes = new AtomicLong();
  private final Map<Kind, Jobs> known = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> ejected = new ConcurrentHashMap<>();

  public RouterMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("router_spool_bytes", spoolBytes);
  }

  public void refused(String reason) {
    registry
        .counter("router_refusals_total", "reason", reason.toLowerCase(Locale.ROOT))
        .increment();
  }

  /** A policy in shadow would have refused a job. */
  public void shadowRefused(String policy) {
    registry.counter("router_shadow_refusals_total", "policy", policy).increment();
  }

  /** A job, or a stretch of a stream, ended and is recorded. */
  public void finished(String capability, String outcome, long millis) {
    Jobs jobs = known.computeIfAbsent(new Kind(capability, outcome), this::jobs);
    jobs.count.increment();
    jobs.durations.record(millis, TimeUnit.MILLISECONDS);
  }

  private record Kind(String capability, String outcome) {}

  private record Jobs(Counter count, Timer durations) {}

  private Jobs jobs(Kind kind) {
    Tags tags = Tags.of("capability", kind.capability, "outcome", kind.outcome);
    return new Jobs(
        registry.counter("router_jobs_total", tags),
        Timer.builder("router_job_duration")
            .tags(tags)
            .serviceLevelObjectives(LEVELS)
            .register(registry));
  }

  /** Units that were measured above what a hold allows, and are not billed. */
  public void unbilled(Units measured, Units billed) {
    measured
        .amounts()
        .forEach(
            (unit, amount) -> {
              long excess = amount - billed.get(unit);
              if (excess > 0) {
                registry
                    .counter("router_unbilled_units_total", "unit", unit.wireName())
                    .increment((double) excess);
              }
            });
  }

  /**
   * A gateway's count of tokens differs widely from the text it delivered.
   *
   * @param kind as in {@code TokenCount.Mismatch}
   */
  public void tokensDiffer(String gateway, String kind) {
    registry
        .counter(
            "router_gateway_token_mismatches_total",
            "gateway",
            gateway,
            "kind",
            kind.toLowerCase(Locale.ROOT))
        .increment();
  }

  public void gatewayFailed(String gateway, String reason) {
    registry
        .counter("router_gateway_failures_total", "gateway", gateway, "reason", reason)
        .increment();
  }

  /** A gateway that fails was taken out of its pool. */
  public void gatewayEjected(String gateway) {
    registry.counter("router_gateway_ejections_total", "gateway", gateway).increment();
    ejected(gateway).set(1);
  }

  public void gatewayReturned(String gateway) {
    ejected(gateway).set(0);
  }

  private AtomicLong ejected(String gateway) {
    return ejected.computeIfAbsent(
        gateway,
        fresh ->
            registry.gauge(
                "router_gateway_ejected",
                java.util.List.of(io.micrometer.core.instrument.Tag.of("gateway", gateway)),
                new AtomicLong()));
  }

  /** After a failed connection, another gateway was tried, or the retry budget did not allow it. */
  public void retried(boolean allowed) {
    registry.counter("router_retries_total", "allowed", Boolean.toString(allowed)).increment();
  }

  /** Jobs that are being forwarded, or soon will be. */
  public void jobsInFlight(IntSupplier count) {
    Gauge.builder("router_jobs_in_flight", count::getAsInt).register(registry);
  }

  /** Jobs whose client has left and whose gateway still works. */
  public void unattended(IntSupplier count) {
    Gauge.builder("router_jobs_unattended", count::getAsInt).register(registry);
  }

  /** A job whose client left before its answer was billed as measured, by its hold, or failed. */
  public void unattendedEnded(String end) {
    registry
        .counter("router_unattended_jobs_total", "end", end.toLowerCase(Locale.ROOT))
        .increment();
  }

  public void spooled(long bytes) {
    spoolBytes.set(bytes);
  }

  /** Positions of the spool are missing, for a reason as in {@code UsageMissing}. */
  public void spoolGap(String reason) {
    registry.counter("router_spool_gaps_total", "reason", reason).increment();
  }

  /** Jobs that are admitted and not settled. */
  public void openHolds(IntSupplier count) {
    Gauge.builder("router_open_holds", count::getAsInt).register(registry);
  }
}
