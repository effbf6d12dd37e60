package io.naap.metering.job;

import io.naap.metering.MeteringMetrics;
import io.naap.store.Transactions;
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
import org.jboss.logging.Logger;

/**
 * Runs every {@link Job} on a thread of its own, from start to stop; across replicas one at a time,
 * by an advisory lock that ends with its transaction.
 */
@ApplicationScoped
public class Jobs {
  private static final Logger LOG = Logger.getLogger(Jobs.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Instance<Job> jobs;
  private final Transactions transactions;
  private final MeteringMetrics metrics;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  Jobs(@Any Instance<Job> jobs, Transactions transactions, MeteringMetrics metrics) {
    this.jobs = jobs;
    this.transactions = transactions;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent started) {
    for (Job job : jobs) {
      threads.add(Thread.ofVirtual().name(job.name()).start(() -> repeat(job)));
    }
  }

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join(PATIENCE);
    }
  }

  private void repeat(Job job) {
    boolean failing = false;
    while (!stopping) {
      try {
        runAlone(job);
        failing = false;
      } catch (RuntimeException failed) {
        // The boundary of this thread: a job that failed is tried again at its next turn.
        if (!stopping) {
          LOG.logf(
              failing ? Logger.Level.DEBUG : Logger.Level.WARN,
              failed,
              "job failed, job=%s",
              job.name());
          metrics.jobFailed(job.name());
          failing = true;
        }
      }
      try {
        Thread.sleep(job.every());
      } catch (InterruptedException stopped) {
        return;
      }
    }
  }

  /** Unless another replica is at it. */
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
