package io.naap.router.usage;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Puts events that are written to the spool on the usage streams, many in one entry and in the
 * order of the spool. It sends from memory; what Redis did not take, or memory does not hold, it
 * reads from the spool again. To send an event twice is harmless: events count once by id.
 */
final class UsagePublisher {
  private static final Logger LOG = Logger.getLogger(UsagePublisher.class);

  /** With more events in memory, sending goes on from the spool. */
  private static final int MOST_WAITING = 20_000;

  private static final int MOST_AT_ONCE = 1_000;
  private static final long PAUSE_NANOS = 500_000_000L;

  /** A Redis that takes commands and answers nothing is asked again after so long. */
  private static final long APPENDED_MILLIS = 2_000;

  private final Spool spool;
  private final Redis redis;
  private final Vertx vertx;

  /** By shard: events that are written and not sent. This object's lock guards all below. */
  private final StreamBatch[] waiting;

  /** All events below this position are on the stream. */
  private long sentBelow;

  /** The last event that was written and that this publisher was told of. */
  private long writtenTo;

  /** True while events are sent from the spool, because memory does not hold all of them. */
  private boolean behind;

  private boolean sending;

  /** How often sending began anew; the outcome of what was sent before is of no interest. */
  private long begun;

  private long pausedUntil = System.nanoTime();
  private boolean stopped;

  UsagePublisher(Spool spool, int shards, Redis redis, Vertx vertx) {
    this.spool = spool;
    this.redis = redis;
    this.vertx = vertx;
    this.waiting = shards(shards);
    this.sentBelow = spool.first();
    this.writtenTo = spool.written();
    this.behind = writtenTo >= sentBelow;
  }

  private static StreamBatch[] shards(int count) {
    StreamBatch[] shards = new StreamBatch[count];
    Arrays.setAll(shards, shard -> new StreamBatch());
    return shards;
  }

  /** The shard of a tenant's events. */
  int shard(String tenantId) {
    return waiting.length == 1 ? 0 : Topics.usageShard(tenantId, waiting.length);
  }

  /** All events below this position are on the stream. */
  synchronized long sentBelow() {
    return sentBelow;
  }

  /**
   * Takes events that were just written.
   *
   * @param last the position of the last of them
   */
  synchronized void written(EventBuffer events, long last) {
    writtenTo = last;
    if (behind) {
      return;
    }
    events.addTo(waiting);
    for (StreamBatch shard : waiting) {
      if (shard.size() > MOST_WAITING) {
        sendFromSpool();
        return;
      }
    }
  }

  private void sendFromSpool() {
    for (StreamBatch shard : waiting) {
      shard.clear();
    }
    behind = true;
  }

  /** Sends everything again that metering has not stored, as when Redis may have lost it. */
  void sendAgain(long stored) {
    synchronized (this) {
      sendFromSpool();
      begun++;
      sentBelow = Math.max(Math.min(sentBelow, stored + 1), spool.first());
      behind = spool.last() >= sentBelow;
      pausedUntil = System.nanoTime();
    }
    send();
  }

  synchronized void stop() {
    stopped = true;
  }

  /** Entries of one shard. */
  private record Batch(int shard, List<Buffer> entries) {}

  /** Sends what waits, unless something is being sent. */
  void send() {
    List<Batch> live;
    long from;
    long to;
    long turn;
    synchronized (this) {
      from = sentBelow;
      to = writtenTo;
      if (stopped || sending || to < from || System.nanoTime() - pausedUntil < 0) {
        return;
      }
      sending = true;
      turn = begun;
      live = behind ? null : take(waiting);
    }
    Future<Long> appended =
        live != null
            ? append(live).map(to)
            : vertx
                .executeBlocking(() -> read(from))
                .compose(read -> append(read.batches).map(read.last));
    appended.onComplete(
        done -> {
          boolean more;
          synchronized (this) {
            sending = false;
            if (begun == turn) {
              sent(done, live != null);
            }
            more = behind && sentBelow > from;
          }
          if (more) {
            send();
          }
        });
  }

  private void sent(AsyncResult<Long> done, boolean live) {
    if (done.failed()) {
      // What was taken from memory is in the spool still.
      sendFromSpool();
      pausedUntil = System.nanoTime() + PAUSE_NANOS;
      return;
    }
    sentBelow = done.result() + 1;
    if (!live && sentBelow > writtenTo) {
      behind = false;
    }
  }

  private static List<Batch> take(StreamBatch[] shards) {
    List<Batch> batches = new ArrayList<>(shards.length);
    for (int shard = 0; shard < shards.length; shard++) {
      batches.add(new Batch(shard, shards[shard].take()));
    }
    return batches;
  }

  private record Read(List<Batch> batches, long last) {}

  private Read read(long from) throws IOException {
    StreamBatch[] read = shards(waiting.length);
    Spool.Records records = spool.read(Math.max(from, spool.first()), MOST_AT_ONCE);
    for (String record : records.records()) {
      byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
      int shard = read.length == 1 ? 0 : shard(tenant(record));
      read[shard].add(bytes, 0, bytes.length);
    }
    return new Read(take(read), records.next() - 1);
  }

  private static String tenant(String record) {
    return Json.read(record, UsageRecorded.class).tenantId();
  }

  private Future<?> append(List<Batch> batches) {
    List<Future<?>> entries = new ArrayList<>();
    for (Batch batch : batches) {
      for (Buffer entry : batch.entries) {
        entries.add(redis.send(append(batch.shard).arg(entry)));
      }
    }
    // Timed by the caller's own loop: a future of no context starts a thread for each timeout.
    ContextInternal loop = ContextInternal.current();
    Promise<Object> appended = loop == null ? Promise.promise() : loop.promise();
    Future.all(entries).<Object>mapEmpty().onComplete(appended);
    return appended.future().timeout(APPENDED_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Request append(int shard) {
    return Request.cmd(Command.XADD).arg(Topics.usage(shard)).arg("*").arg(Topics.FIELD);
  }

  /** Tells metering once, best effort, that positions are missing. */
  void declare(UsageMissing missing) {
    redis
        .send(append(0).arg(Json.write(missing)))
        .onFailure(away -> LOG.debugf("declared the next time: %s", away.getMessage()));
  }
}
