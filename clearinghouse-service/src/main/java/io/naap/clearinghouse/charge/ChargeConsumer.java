package io.naap.clearinghouse.charge;

import io.naap.contracts.events.Topics;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/** Runs the reading of charges from start to stop. */
@ApplicationScoped
public class ChargeConsumer {
  private static final String GROUP = "clearinghouse";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final StreamReader reader;
  private Thread thread;

  ChargeConsumer(RedisDataSource redis, ChargeConfig config, Charges charges) {
    this.reader =
        new StreamReader(
            redis, Topics.CHARGES, GROUP, config.consumer(), config.batch(), charges::take);
  }

  void start(@Observes StartupEvent started) {
    thread = Thread.ofVirtual().name("charges").start(reader);
  }

  void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
    reader.stop();
    if (thread != null && !thread.join(PATIENCE)) {
      thread.interrupt();
    }
  }
}
