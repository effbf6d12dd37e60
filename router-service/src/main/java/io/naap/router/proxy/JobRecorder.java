package io.naap.router.proxy;

import io.naap.router.metrics.RouterMetrics;
import io.naap.router.usage.RequestLog;
import io.naap.router.usage.UsageRecorder;
import io.naap.router.workload.UsageEstimator;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Records what became of jobs: usage events, which are billed, and the tenant's request log. */
@Singleton
class JobRecorder {
  final UsageEstimator estimator;
  final RouterMetrics metrics;
  final Clock clock;
  private final UsageRecorder usage;
  private final RequestLog log;

  JobRecorder(
      UsageRecorder usage,
      RequestLog log,
      UsageEstimator estimator,
      RouterMetrics metrics,
      Clock clock) {
    this.usage = usage;
    this.log = log;
    this.estimator = estimator;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Records an admitted job and settles its hold. The future ends when the event is written. */
  Future<Void> record(JobRecord record) {
    Future<Void> recorded = usage.record(record.job().granted().hold(), record::event);
    log.log(record.line());
    return recorded;
  }

  /** Logs a job that was refused before it had a hold. */
  void refused(RefusedRequest request) {
    log.log(request.line(clock.instant()));
  }
}
