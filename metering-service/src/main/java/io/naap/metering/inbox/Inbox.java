package io.naap.metering.inbox;

import io.naap.contracts.json.Json;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.stream.StreamInbox;
import io.naap.store.stream.StreamReader;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Reads the Redis stream of every {@link Subscription}, each on its own virtual thread. All entries
 * that are read together are stored in one transaction.
 */
@ApplicationScoped
public class Inbox {
  private static final Logger LOG = Logger.getLogger(Inbox.class);
  private static final String GROUP = "metering";
  private static final int BATCH = 500;
  private static final Duration GATHER = Duration.ofMillis(40);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Instance<Subscription<?>> subscriptions;
  private final Workers workers;
  private final Transactions transactions;
  private final RedisDataSource redis;
  private final IngestConfig config;
  private final MeteringMetrics metrics;
  private final List<StreamReader> readers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  Inbox(
      @Any Instance<Subscription<?>> subscriptions,
      Workers workers,
      Transactions transactions,
      RedisDataSource redis,
      IngestConfig config,
      MeteringMetrics metrics) {
    this.subscriptions = subscriptions;
    this.workers = workers;
    this.transactions = transactions;
    this.redis = redis;
    this.config = config;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent started) {
    for (Subscription<?> subscription : subscriptions) {
      StreamReader reader =
          new StreamReader(
              redis,
              new StreamReader.Source(
                  subscription.topic(), GROUP, config.consumer(), BATCH, GATHER),
              entries -> take(subscription, entries),
              metrics::deletedUnread);
      readers.add(reader);
      threads.add(Thread.ofVirtual().name(subscription.topic()).start(reader));
      workers.watch(subscription.topic(), reader::isAlive);
    }
  }

  void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
    readers.forEach(StreamReader::stop);
    for (Thread thread : threads) {
      if (!thread.join(PATIENCE)) {
        thread.interrupt();
      }
    }
  }

  private <E> void take(Subscription<E> subscription, List<StreamReader.Entry> entries) {
    List<StreamReader.Entry> sound = new ArrayList<>();
    List<E> events = new ArrayList<>();
    for (StreamReader.Entry entry : entries) {
      try {
        events.addAll(read(subscription, entry));
        sound.add(entry);
      } catch (IllegalArgumentException | NullPointerException unreadable) {
        setApart(entry, String.valueOf(unreadable.getMessage()));
      }
    }
    if (!events.isEmpty()) {
      try {
        commit(subscription, events);
      } catch (PgException refused) {
        if (!isAboutData(refused)) {
          throw refused;
        }
        takeApart(subscription, sound);
      }
    }
    subscription.done();
  }

  private static <E> List<E> read(Subscription<E> subscription, StreamReader.Entry entry) {
    if (entry.payload() == null || !Json.isStorable(entry.payload())) {
      throw new IllegalArgumentException("the entry has no event, or a NUL in its text");
    }
    return subscription.read(entry.payload());
  }

  private <E> void commit(Subscription<E> subscription, List<E> events) {
    transactions.run(
        tx -> {
          subscription.take(tx, events);
          return events.size();
        });
  }

  /**
   * Called when Postgres rejects the data of one event: commits each entry in its own transaction,
   * and makes only the rejected ones dead letters.
   */
  private <E> void takeApart(Subscription<E> subscription, List<StreamReader.Entry> entries) {
    for (StreamReader.Entry entry : entries) {
      try {
        commit(subscription, read(subscription, entry));
      } catch (PgException refused) {
        if (!isAboutData(refused)) {
          throw refused;
        }
        setApart(entry, String.valueOf(refused.getErrorMessage()));
      }
    }
  }

  /**
   * SQLSTATE classes 22 (data exception) and 23 (constraint violation): retrying the same data
   * fails again.
   */
  private static boolean isAboutData(PgException refused) {
    return refused.getSqlState() != null
        && (refused.getSqlState().startsWith("22") || refused.getSqlState().startsWith("23"));
  }

  private void setApart(StreamReader.Entry entry, String reason) {
    LOG.errorf("not an event, stream=%s entry=%s", entry.stream(), entry.id());
    metrics.unreadable(1);
    transactions.run(
        tx -> {
          StreamInbox.setApart(tx, entry, reason);
          return 1;
        });
  }

  /** Records the event's id in Postgres for ever; returns true when it was not recorded before. */
  public static boolean isNew(Tx tx, String eventId) {
    return !StreamInbox.take(tx, List.of(eventId)).isEmpty();
  }
}
