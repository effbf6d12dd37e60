package io.naap.store.stream;

import io.naap.contracts.events.Topics;
import io.naap.store.worker.Workers;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.ClaimedMessages;
import io.quarkus.redis.datasource.stream.StreamCommands;
import io.quarkus.redis.datasource.stream.StreamMessage;
import io.quarkus.redis.datasource.stream.XGroupCreateArgs;
import io.quarkus.redis.datasource.stream.XReadGroupArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Reads one Redis Stream as a member of a consumer group, on its own thread. Entries are
 * acknowledged after the handler has returned, which is after its commit, to Redis and, for entries
 * of an outbox row, to the outbox that published it; whatever is not acknowledged is read again.
 * What every group of the stream has acknowledged is trimmed, and nothing else; an entry that was
 * deleted before it was read is an alarm.
 */
public final class StreamReader implements Runnable {
  /**
   * One event.
   *
   * @param id of the entry, with a number where the entry holds several
   * @param payload null when the entry does not have the field events are in, or was deleted
   */
  public record Entry(String stream, String id, String payload) {}

  /**
   * What is read, and how.
   *
   * @param batch the most events at once, if no entry holds more
   * @param gather the most that lies between the beginning of a batch and the next one, unless it
   *     was full. A transaction costs nearly as much for one entry as for some, and on a machine
   *     that is busy many small ones make everybody wait: so a reader rests for twice as long as
   *     its batch took, and what came meanwhile is taken together. With little to do that is
   *     nothing.
   */
  public record Source(String stream, String group, String consumer, int batch, Duration gather) {}

  private static final Logger LOG = Logger.getLogger(StreamReader.class);
  private static final Duration BLOCK = Duration.ofSeconds(1);
  private static final Duration ABANDONED = Duration.ofSeconds(30);
  private static final Duration TRIM = Duration.ofSeconds(10);

  /** Trims below the oldest entry that some group has not acknowledged. */
  private static final String TRIM_READ =
      """
      local function parts(id) local m, s = string.match(id, '(%d+)-(%d+)') return tonumber(m), tonumber(s) end
      local least
      for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
        local info = {}
        for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
        local id = info['last-delivered-id']
        if info['pending'] > 0 then id = redis.call('XPENDING', KEYS[1], info['name'])[2] end
        if not least then least = id else
          local m, s = parts(id)
          local lm, ls = parts(least)
          if m < lm or (m == lm and s < ls) then least = id end
        end
      end
      if not least or least == '0-0' then return 0 end
      return redis.call('XTRIM', KEYS[1], 'MINID', least)
      """;

  /** What a consumer has read and not finished, and is not in the stream any more. */
  private static final String DELETED =
      """
      local gone = {}
      for _, one in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 10000, ARGV[2])) do
        if #redis.call('XRANGE', KEYS[1], one[1], one[1]) == 0 then gone[#gone + 1] = one[1] end
      end
      return gone
      """;

  /** Acknowledges entries, and tells the outbox that published them which of its rows they were. */
  private static final String ACKNOWLEDGE =
      """
      redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 3))
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', '%s', ARGV[1], '%s', ARGV[2])
      return 1
      """
          .formatted(Topics.CONSUMER, Topics.ROW);

  /** The most entries read at once of a stream whose entries hold many events each. */
  private static final int MOST_ROWS = 64;

  private static final long MAX_PAUSE_MILLIS = 5_000;

  /** While a batch takes longer than this, a second reader takes new entries. */
  private static final long LATE_NANOS = 200_000_000;

  /** A reader that has little to do rests this many times as long as its last batch took. */
  private static final int RESTS = 2;

  private static final long LOOK_MILLIS = 20;
  private static final String OWN_UNFINISHED = "0";
  private static final String NEW = ">";

  private final RedisDataSource redis;
  private final StreamCommands<String, String, String> streams;
  private final String stream;
  private final String group;
  private final String consumer;
  private final int batch;
  private final long gatherMillis;
  private final Consumer<List<Entry>> handler;
  private final IntConsumer deleted;
  private volatile boolean stopping;
  private volatile boolean late;
  private volatile long beatNanos = System.nanoTime();

  /** When the current batch began; zero when there is none. */
  private volatile long began;

  private Optional<StreamReader> helped = Optional.empty();
  private boolean outage;

  /** How many entries are read at once: as many as hold a batch of events. */
  private int count;

  private long lastClaim = System.nanoTime() - ABANDONED.toNanos();
  private long lastTrim = System.nanoTime();

  public StreamReader(
      RedisDataSource redis, Source source, Consumer<List<Entry>> handler, IntConsumer deleted) {
    this.redis = redis;
    this.streams = redis.stream(String.class);
    this.stream = source.stream;
    this.group = source.group;
    this.consumer = source.consumer;
    this.batch = source.batch;
    this.count = Math.min(batch, MOST_ROWS);
    this.gatherMillis = source.gather.toMillis();
    this.handler = handler;
    this.deleted = deleted;
  }

  /**
   * Makes this one a helper: it takes what is new only while the other is late. With little to do,
   * one reader's batches are as prompt as two's, and no two transactions wait for the same sums.
   */
  public void help(StreamReader other) {
    helped = Optional.of(other);
  }

  public void stop() {
    stopping = true;
  }

  /** True while it reads, or tries to; false when it is dead or hangs in a batch. */
  public boolean isAlive() {
    return stopping || System.nanoTime() - beatNanos < Workers.STUCK.toNanos();
  }

  @Override
  public void run() {
    long pause = 100;
    while (!stopping) {
      beatNanos = System.nanoTime();
      try {
        joinGroup();
        read();
      } catch (Throwable failed) {
        // Redis or Postgres is away. The entries stay unacknowledged, and reading goes on.
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
      beatNanos = System.nanoTime();
      if (claimAbandoned()) {
        from = OWN_UNFINISHED;
      }
      trim();
      if (OWN_UNFINISHED.equals(from)) {
        giveUpDeleted();
      }
      if (NEW.equals(from) && helped.isPresent() && !helped.get().isLate()) {
        sleep(LOOK_MILLIS);
        continue;
      }
      List<StreamMessage<String, String, String>> messages =
          streams.xreadgroup(
              group, consumer, stream, from, new XReadGroupArgs().count(count).block(BLOCK));
      if (outage) {
        LOG.infof("reading again, stream=%s", stream);
        outage = false;
      }
      if (messages.isEmpty()) {
        from = NEW;
        late = false;
      } else {
        long start = System.nanoTime();
        boolean full = messages.size() >= count;
        began = start;
        handle(messages);
        late = System.nanoTime() - start > LATE_NANOS;
        began = 0;
        if (NEW.equals(from) && !full) {
          rest((System.nanoTime() - start) / 1_000_000);
        }
      }
    }
  }

  private void rest(long tookMillis) {
    sleep(Math.min(gatherMillis - tookMillis, RESTS * tookMillis));
  }

  private boolean isLate() {
    long since = began;
    return late || (since != 0 && System.nanoTime() - since > LATE_NANOS);
  }

  /** Takes messages in parts that hold a batch of events, or are one message. */
  private void handle(List<StreamMessage<String, String, String>> messages) {
    List<StreamMessage<String, String, String>> part = new ArrayList<>();
    List<Entry> events = new ArrayList<>();
    int all = 0;
    boolean rows = false;
    for (StreamMessage<String, String, String> message : messages) {
      List<Entry> some = entries(message);
      if (!part.isEmpty() && events.size() + some.size() > batch) {
        take(part, events);
      }
      part.add(message);
      events.addAll(some);
      all += some.size();
      rows |= row(message).isPresent();
    }
    take(part, events);
    int each = Math.ceilDiv(all, messages.size());
    count = rows ? Math.clamp(batch / each, 1, MOST_ROWS) : batch;
  }

  private void take(List<StreamMessage<String, String, String>> messages, List<Entry> events) {
    handler.accept(List.copyOf(events));
    acknowledge(messages);
    messages.clear();
    events.clear();
  }

  private void acknowledge(List<StreamMessage<String, String, String>> messages) {
    String[] ids = messages.stream().map(StreamMessage::id).toArray(String[]::new);
    String rows =
        messages.stream()
            .flatMap(message -> row(message).stream())
            .collect(Collectors.joining(","));
    if (rows.isEmpty()) {
      streams.xack(stream, group, ids);
      return;
    }
    List<String> command = new ArrayList<>(ids.length + 6);
    command.addAll(List.of(ACKNOWLEDGE, "2", stream, Topics.acknowledgements(stream), group, rows));
    command.addAll(List.of(ids));
    redis.execute("EVAL", command.toArray(String[]::new));
  }

  private static Optional<String> row(StreamMessage<String, String, String> message) {
    return message.payload() == null
        ? Optional.empty()
        : Optional.ofNullable(message.payload().get(Topics.ROW));
  }

  /**
   * Entries that were deleted before they were finished can never be: they are an alarm, by id, and
   * then no longer waited for. Reading them as one's own would fail for ever.
   */
  private void giveUpDeleted() {
    List<String> gone = new ArrayList<>();
    redis
        .execute("EVAL", DELETED, "1", stream, group, consumer)
        .forEach(id -> gone.add(id.toString()));
    if (!gone.isEmpty()) {
      LOG.errorf("entries were deleted before they were read, stream=%s entries=%s", stream, gone);
      deleted.accept(gone.size());
      streams.xack(stream, group, gone.toArray(String[]::new));
    }
  }

  /** The events of an entry: one, or one a line when it is a row of an outbox. */
  private List<Entry> entries(StreamMessage<String, String, String> message) {
    String payload = message.payload() == null ? null : message.payload().get(Topics.FIELD);
    if (payload == null) {
      return List.of(new Entry(stream, message.id(), null));
    }
    // Postgres cannot store a NUL in text, and JSON text has none.
    String text = payload.replace("\0", "\\u0000");
    if (row(message).isEmpty() || text.indexOf('\n') < 0) {
      return List.of(new Entry(stream, message.id(), text));
    }
    List<Entry> events = new ArrayList<>();
    for (String event : text.split("\n", -1)) {
      events.add(new Entry(stream, message.id() + "/" + events.size(), event));
    }
    return events;
  }

  /**
   * Takes over what a consumer that is gone has read and not finished.
   *
   * @return true when entries of it were deleted: reading them as one's own shows which
   */
  private boolean claimAbandoned() {
    if (System.nanoTime() - lastClaim < ABANDONED.toNanos()) {
      return false;
    }
    lastClaim = System.nanoTime();
    ClaimedMessages<String, String, String> claimed =
        streams.xautoclaim(stream, group, consumer, ABANDONED, "0-0", count);
    // Redis before 7 gives a null for an entry that was deleted by hand, and makes it ours.
    List<StreamMessage<String, String, String>> messages =
        claimed.getMessages().stream().filter(Objects::nonNull).toList();
    if (!messages.isEmpty()) {
      handle(messages);
    }
    return messages.size() < claimed.getMessages().size();
  }

  private void trim() {
    if (System.nanoTime() - lastTrim >= TRIM.toNanos()) {
      lastTrim = System.nanoTime();
      redis.execute("EVAL", TRIM_READ, "1", stream);
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
      Thread.sleep(Math.max(0, millis));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
