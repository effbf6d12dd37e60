package io.naap.metering.ingest;

import io.naap.contracts.events.Topics;
import io.naap.metering.inbox.IngestConfig;
import io.naap.metering.metrics.MeteringMetrics;
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

/**
 * Runs the readers of the usage streams in Redis, from start to shutdown; some readers per stream.
 */
@ApplicationScoped
public class UsageConsumer {
  /** The most entries read at once; each holds up to 200 events. */
  private static final int ENTRIES = 200;

  private static final Duration GATHER = Duration.ofMillis(40);
  private static final String GROUP = "metering";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<StreamReader> readers = new ArrayList<>();
  private final Workers workers;
  private final List<Thread> threads = new ArrayList<>();

  UsageConsumer(
      Workers workers,
      RedisDataSource redis,
      IngestConfig config,
      Ingest ingest,
      MeteringMetrics metrics) {
    this.workers = workers;
    for (int shard = 0; shard < config.usageShards(); shard++) {
      StreamReader first = reader(redis, config, ingest, metrics, shard, 0);
      readers.add(first);
      for (int number = 1; number < config.readers(); number++) {
        StreamReader helper = reader(redis, config, ingest, metrics, shard, number);
        helper.help(first);
        readers.add(helper);
      }
    }
  }

  private static StreamReader reader(
      RedisDataSource redis,
      IngestConfig config,
      Ingest ingest,
      MeteringMetrics metrics,
      int shard,
      int number) {
    return new StreamReader(
        redis,
        new StreamReader.Source(
            Topics.usage(shard), GROUP, config.consumer() + "-" + number, ENTRIES, GATHER),
        ingest::take,
        metrics::deletedUnread);
  }

  void start(@Observes StartupEvent started) {
    readers.forEach(
        reader -> {
          threads.add(Thread.ofVirtual().name("usage").start(reader));
          workers.watch("usage", reader::isAlive);
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
