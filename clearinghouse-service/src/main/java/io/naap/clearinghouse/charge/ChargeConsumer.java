package io.naap.clearinghouse.charge;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.events.Topics;
import io.naap.store.stream.StreamReader;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs the reading of what is charged from start to stop. */
@ApplicationScoped
public class ChargeConsumer {
  /**
   * A tenant has one journal a batch: the fewer batches, the fewer journals, seals and balances.
   */
  private static final Duration GATHER = Duration.ofMillis(100);

  private static final String GROUP = "clearinghouse";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<StreamReader> readers;
  private final Workers workers;
  private final List<Thread> threads = new ArrayList<>();

  ChargeConsumer(
      Workers workers,
      RedisDataSource redis,
      ChargeConfig config,
      Charges charges,
      Fees fees,
      Invoices invoices,
      ClearinghouseMetrics metrics) {
    this.workers = workers;
    this.readers =
        List.of(
            reader(redis, config, metrics, Topics.CHARGES, charges::take),
            reader(redis, config, metrics, Topics.FEES, fees::take),
            reader(redis, config, metrics, Topics.INVOICES, invoices::take));
  }

  private static StreamReader reader(
      RedisDataSource redis,
      ChargeConfig config,
      ClearinghouseMetrics metrics,
      String stream,
      Consumer<List<StreamReader.Entry>> handler) {
    return new StreamReader(
        redis,
        new StreamReader.Source(stream, GROUP, config.consumer(), config.batch(), GATHER),
        handler,
        metrics::deletedUnread);
  }

  void start(@Observes StartupEvent started) {
    readers.forEach(
        reader -> {
          threads.add(Thread.ofVirtual().name("charges").start(reader));
          workers.watch("charges", reader::isAlive);
        });
  }

  void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
    readers.forEach(StreamReader::stop);
    for (Thread thread : threads) {
      if (!thread.join(PATIENCE)) {
        thread.interrupt();
      }
    }
  }
}
