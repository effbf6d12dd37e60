package io.naap.clearinghouse.stream;

import io.naap.contracts.events.Topics;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.ClaimedMessages;
import io.quarkus.redis.datasource.stream.StreamCommands;
import io.quarkus.redis.datasource.stream.StreamMessage;
import io.quarkus.redis.datasource.stream.XGroupCreateArgs;
import io.quarkus.redis.datasource.stream.XReadGroupArgs;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Reads one Redis Stream as a member of a consumer group, on its own thread. Entries are
 * acknowledged after the handler has returned, which is after its commit; whatever is not
 * acknowledged is read again. Nothing is trimmed.
 */
public final class StreamReader implements Runnable {
  /**
   * One entry.
   *
   * @param payload null when the entry does not have the field events are in
   */
  public record Entry(String stream, String id, String payload) {}

  private static final Logger LOG = Logger.getLogger(StreamReader.class);
  private static final Duration BLOCK = Duration.ofSeconds(1);
  private static final Duration ABANDONED = Duration.ofSeconds(30);
  private static final long MAX_PAUSE_MILLIS = 5_000;
  private static final String OWN_UNFINISHED = "0";
  private static final String NEW = ">";

  private final StreamCommands<String, String, String> streams;
  private final String stream;
  private final String group;
  private final String consumer;
  private final int batch;
  private final Consumer<List<Entry>> handler;
  private volatile boolean stopping;
  private boolean outage;
  private long lastClaim = System.nanoTime() - ABANDONED.toNanos();

  public StreamReader(
      RedisDataSource redis,
      String stream,
      String group,
      String consumer,
      int batch,
      Consumer<List<Entry>> handler) {
    this.streams = redis.stream(String.class);
    this.stream = stream;
    this.group = group;
    this.consumer = consumer;
    this.batch = batch;
    this.handler = handler;
  }

  public void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    long pause = 100;
    while (!stopping) {
      try {
        joinGroup();
        read();
      } catch (RuntimeException failed) {
        // The boundary of this thread: a store that is away comes back, and the entries wait.
        if (stopping) {
          return;
        }
        LOG.logf(
            outage ? Logger.Level.DEBUG : Logger.Level.WARN,
            failed,
            "reading stopped and will be tried again, stream=%s",
            stream);
        pause = outage ? Math.min(pause * 2, MAX_PAUSE_MILLIS) : 100;
        outage = true;
        sleep(pause);
      }
    }
  }

  /** Reads until something fails: first what this consumer left unfinished, then what is new. */
  private void read() {
    String from = OWN_UNFINISHED;
    while (!stopping) {
      claimAbandoned();
      List<StreamMessage<String, String, String>> messages =
          streams.xreadgroup(
              group, consumer, stream, from, new XReadGroupArgs().count(batch).block(BLOCK));
      if (outage) {
        LOG.infof("reading again, stream=%s", stream);
        outage = false;
      }
      if (messages.isEmpty()) {
        from = NEW;
      } else {
        handle(messages);
      }
    }
  }

  private void handle(List<StreamMessage<String, String, String>> messages) {
    handler.accept(messages.stream().map(this::entry).toList());
    streams.xack(stream, group, messages.stream().map(StreamMessage::id).toArray(String[]::new));
  }

  private Entry entry(StreamMessage<String, String, String> message) {
    String payload = message.payload() == null ? null : message.payload().get(Topics.FIELD);
    // Postgres has no text with a zero in it; JSON has none either.
    return new Entry(
        stream, message.id(), payload == null ? null : payload.replace("\0", "\\u0000"));
  }

  /** Takes over what a consumer that is gone has read and not finished. */
  private void claimAbandoned() {
    if (System.nanoTime() - lastClaim < ABANDONED.toNanos()) {
      return;
    }
    lastClaim = System.nanoTime();
    ClaimedMessages<String, String, String> claimed =
        streams.xautoclaim(stream, group, consumer, ABANDONED, "0-0", batch);
    // Redis before 7 gives a null for an entry that was deleted by hand.
    List<StreamMessage<String, String, String>> messages =
        claimed.getMessages().stream().filter(Objects::nonNull).toList();
    if (!messages.isEmpty()) {
      handle(messages);
    }
  }

  private void joinGroup() {
    try {
      streams.xgroupCreate(stream, group, "0", new XGroupCreateArgs().mkstream());
    } catch (RuntimeException refused) {
      if (refused.getMessage() == null || !refused.getMessage().contains("BUSYGROUP")) {
        throw refused;
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
