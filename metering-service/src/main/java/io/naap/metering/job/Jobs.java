package io.naap.metering.job;

import io.naap.metering.metrics.MeteringMetrics;
import io.naap.store.Transactions;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs every {@link Job} in its own loop, from start to shutdown. Only one replica runs a job at a
 * time: a run holds a Postgres advisory lock until its transaction ends.
 */
@ApplicationScoped
public class Jobs {
  /**
   * Closing the periods of all tenants may take long; a run that takes longer than this counts as
   * stuck.
   */
  private static final Duration LONGEST = Duration.ofMinutes(30);

  private final Instance<Job> jobs;
  private final Transactions transactions;
  private final MeteringMetrics metrics;
  private final Workers workers;
  private final List<Worker> running = new ArrayList<>();

  Jobs(
      @Any Instance<Job> jobs,
      Transactions transactions,
      MeteringMetrics metrics,
      Workers workers) {
    this.jobs = jobs;
    this.transactions = transactions;
    this.metrics = metrics;
    this.workers = workers;
  }

  void start(@Observes StartupEvent started) {
    for (Job job : jobs) {
      running.add(workers.start(job.name(), job.every(), LONGEST, () -> runCounted(job)));
    }
  }

  void stop(@Observes ShutdownEvent ending) {
    running.forEach(Worker::stop);
  }

  private void runCounted(Job job) {
    try {
      runAlone(job);
    } catch (RuntimeException failed) {
      metrics.jobFailed(job.name());
      throw failed;
    }
  }

  /** Runs the job unless another replica is running it. */
  private void runAlone(Job job) {
    transactions.run(
        tx -> {
          boolean mine =
              tx.one("select pg_try_advisory_xact_lock(7218, hashtext($1)) as mine", job.name())
                  .map((Row row) -> row.getBoolean("mine"))
                  .orElse(false);
          if (mine) {
            job.run();
          }
          return mine;
        });
  }
}
