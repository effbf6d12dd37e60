package io.naap.store.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.Topics;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.XGroupCreateArgs;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

/** A consumer died with entries it had read: another one takes them over. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class StreamReaderTest {
  private static final String GROUP = "readers";

  @Inject RedisDataSource redis;

  private final String stream = "test:" + UUID.randomUUID();
  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final AtomicInteger deleted = new AtomicInteger();

  @Test
  void takesOverWhatADeadConsumerLeft() throws Exception {
    String first = leftByADeadConsumer("one");
    leftByADeadConsumer("two");

    read(() -> taken.size() == 2);

    assertThat(taken).containsExactly("one", "two");
    assertThat(deleted).hasValue(0);
    assertThat(pending()).isZero();
    assertThat(first).isNotNull();
  }

  @Test
  void anEntryThatWasDeletedUnreadIsAnAlarmAndBlocksNothing() throws Exception {
    String gone = leftByADeadConsumer("gone");
    leftByADeadConsumer("there");
    redis.stream(String.class).xdel(stream, gone);
    List<String> errors = new CopyOnWriteArrayList<>();
    Handler listener = listener(errors);
    Logger logger = Logger.getLogger(StreamReader.class.getName());
    logger.addHandler(listener);
    try {
      read(() -> taken.contains("there") && deleted.get() == 1 && pending() == 0);
    } finally {
      logger.removeHandler(listener);
    }

    assertThat(deleted).hasValue(1);
    assertThat(pending()).isZero();
    assertThat(errors).singleElement().asString().contains(stream).contains(gone);
  }

  private static Handler listener(List<String> errors) {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
          errors.add(new SimpleFormatter().formatMessage(record) + parameters(record));
        }
      }

      private String parameters(LogRecord record) {
        return record.getParameters() == null ? "" : Arrays.toString(record.getParameters());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void aHelperTakesNothingNewWhileTheOtherIsPrompt() throws Exception {
    redis.stream(String.class).xgroupCreate(stream, GROUP, "0", new XGroupCreateArgs().mkstream());
    redis.stream(String.class).xadd(stream, Map.of(Topics.FIELD, "new"));
    StreamReader helper = reader("helper");
    helper.help(reader("first"));
    Thread thread = Thread.ofVirtual().start(helper);
    Thread.sleep(200);
    helper.stop();
    thread.join();

    assertThat(taken).isEmpty();
    run(reader("first"), () -> taken.size() == 1);
  }

  @Test
  void whatTheHandlerCouldNotFinishIsReadAgain() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    redis.stream(String.class).xgroupCreate(stream, GROUP, "0", new XGroupCreateArgs().mkstream());
    redis.stream(String.class).xadd(stream, Map.of(Topics.FIELD, "hard"));
    StreamReader reader =
        new StreamReader(
            redis,
            source("alive", Duration.ZERO),
            entries -> {
              if (attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("the store is away");
              }
              entries.forEach(entry -> taken.add(entry.payload()));
            },
            deleted::addAndGet);

    run(reader, () -> taken.size() == 1);

    assertThat(attempts).hasValue(3);
    assertThat(pending()).isZero();
  }

  @Test
  void whatComesWhileAReaderRestsFromItsWorkIsTakenTogether() throws Exception {
    List<Integer> batches = new CopyOnWriteArrayList<>();
    StreamReader reader =
        new StreamReader(
            redis,
            source("alive", Duration.ofMillis(400)),
            entries -> {
              batches.add(entries.size());
              work();
            },
            deleted::addAndGet);
    Thread thread = Thread.ofVirtual().start(reader);
    try {
      redis.stream(String.class).xadd(stream, Map.of(Topics.FIELD, "alone"));
      Eventually.await("it is taken", () -> batches.equals(List.of(1)));
      long taken = System.nanoTime();
      // It has done its work, and rests.
      Thread.sleep(120);
      for (int at = 0; at < 5; at++) {
        redis.stream(String.class).xadd(stream, Map.of(Topics.FIELD, "soon"));
        Thread.sleep(10);
      }
      Eventually.await("they are taken", () -> batches.equals(List.of(1, 5)));
      assertThat(Duration.ofNanos(System.nanoTime() - taken)).isLessThan(Duration.ofMillis(800));
    } finally {
      reader.stop();
      thread.join();
    }
  }

  private static void work() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  private StreamReader.Source source(String consumer, Duration gather) {
    return new StreamReader.Source(stream, GROUP, consumer, 10, gather);
  }

  private String leftByADeadConsumer(String payload) {
    try {
      redis.stream(String.class)
          .xgroupCreate(stream, GROUP, "0", new XGroupCreateArgs().mkstream());
    } catch (RuntimeException thereAlready) {
      assertThat(thereAlready).hasMessageContaining("BUSYGROUP");
    }
    String id = redis.stream(String.class).xadd(stream, Map.of(Topics.FIELD, payload));
    redis.stream(String.class).xreadgroup(GROUP, "dead", stream, ">");
    // As if it had been read long ago.
    redis.execute("XCLAIM", stream, GROUP, "dead", "0", id, "IDLE", "60000");
    return id;
  }

  private void read(java.util.function.BooleanSupplier done) throws Exception {
    run(reader("alive"), done);
  }

  private StreamReader reader(String consumer) {
    return new StreamReader(
        redis,
        source(consumer, Duration.ZERO),
        entries ->
            entries.stream()
                .map(StreamReader.Entry::payload)
                .filter(java.util.Objects::nonNull)
                .forEach(taken::add),
        deleted::addAndGet);
  }

  private static void run(StreamReader reader, java.util.function.BooleanSupplier done)
      throws Exception {
    Thread thread = Thread.ofVirtual().start(reader);
    try {
      Eventually.await("read", done::getAsBoolean);
    } finally {
      reader.stop();
      thread.join();
    }
  }

  private long pending() {
    return redis.stream(String.class).xpending(stream, GROUP).getPendingCount();
  }
}
