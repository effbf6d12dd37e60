package io.naap.clearinghouse.confirmation;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;

/**
 * Reads the signers' Kafka topic. An offset is committed after Postgres has the events, so that
 * none is left out; Postgres stores each once.
 */
@ApplicationScoped
public class SignerEventReader {
  private static final Logger LOG = Logger.getLogger(SignerEventReader.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration LEAVING = Duration.ofSeconds(5);

  private final ConfirmationConfig config;
  private final Confirmations confirmations;
  private Thread thread;
  private volatile boolean stopping;
  private volatile Consumer<String, String> open;

  SignerEventReader(ConfirmationConfig config, Confirmations confirmations) {
    this.config = config;
    this.confirmations = confirmations;
  }

  void start(@Observes StartupEvent started) {
    if (config.bootstrapServers().isEmpty()) {
      return;
    }
    // A platform thread: Kafka's client holds monitors while it waits.
    thread = Thread.ofPlatform().daemon().name("signer-events").start(this::run);
    LOG.infof("events of signers are read, topic=%s", config.topic());
  }

  void stop(@Observes ShutdownEvent stops) throws InterruptedException {
    if (thread == null) {
      return;
    }
    stopping = true;
    Consumer<String, String> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    if (!thread.join(LEAVING)) {
      thread.interrupt();
    }
  }

  private void run() {
    boolean outage = false;
    while (!stopping) {
      try (Consumer<String, String> consumer = new KafkaConsumer<>(properties())) {
        open = consumer;
        confirmations.begin();
        consumer.subscribe(List.of(config.topic()));
        Instant compared = Instant.MIN;
        while (!stopping) {
          List<String> records = new ArrayList<>();
          for (ConsumerRecord<String, String> one : consumer.poll(PATIENCE)) {
            records.add(one.value());
          }
          if (!records.isEmpty()) {
            confirmations.take(records);
            consumer.commitSync();
          }
          outage = false;
          if (compared.isBefore(Instant.now().minus(config.interval()))) {
            confirmations.compare();
            compared = Instant.now();
          }
        }
      } catch (WakeupException asked) {
        // Only stop() wakes it; the loop ends.
      } catch (RuntimeException failed) {
        // The boundary of this thread: from the last committed offset again, in a while.
        LOG.logf(
            outage ? Logger.Level.DEBUG : Logger.Level.WARN,
            failed,
            "events of signers cannot be read");
        outage = true;
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(PATIENCE);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      stopping = true;
    }
  }

  private Map<String, Object> properties() {
    Map<String, Object> all = new HashMap<>();
    config.properties().forEach((name, value) -> all.put(name, value.reveal()));
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers().orElseThrow());
    all.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 200);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
    return all;
  }
}
