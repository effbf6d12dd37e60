package io.naap.router.usage;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.Admission;
import io.naap.router.admission.Hold;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.routing.RoutingConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Every job becomes one event: first in the spool, and the answer may end; soon after on the usage
 * stream, many in one entry. What Redis did not take stays in the spool and is sent until it does;
 * after a restart everything metering has not confirmed is sent again. Both are harmless: events
 * count once by id.
 */
@Singleton
public class UsageRecorder implements Admission.Spooled {
  private static final Logger LOG = Logger.getLogger(UsageRecorder.class);
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_AT_ONCE = 1_000;
  private static final int USUAL_BYTES = 64 * 1024;
  private static final long PAUSE_NANOS = 500_000_000L;

  /** A Redis that takes commands and answers nothing is asked again after so long. */
  private static final long APPENDED_MILLIS = 2_000;

  private final UsageConfig config;
  private final RoutingConfig routing;
  private final Redis redis;
  private final Admission admission;
  private final Vertx vertx;
  private final RouterMetrics metrics;
  private final Clock clock;
  private final Map<String, Long> stored = new ConcurrentHashMap<>();
  private final FastThreadLocal<Ended> ended = new FastThreadLocal<>();

  /** Where this life began. */
  private long leftBelow;

  private Spool spool;
  private String instance;
  private volatile MissingRangeReporter declarations;
  private volatile boolean full;
  private volatile boolean stopped;

  /** Guards what is below, so that what is sent is sent in the order of the spool. */
  private final Object lock = new Object();

  private final SettlementQueue<Job> settlements = new SettlementQueue<>(lock, this::write, this::settle);

  private final EventJson json = new EventJson();

  /** Taken by the spool and not yet written. */
  private final List<Taken> taken = new ArrayList<>();

  private byte[] takenJson = new byte[USUAL_BYTES];
  private int takenLength;

  /** Written and not yet sent, by shard. */
  private StreamBatch[] waiting = {};

  /** Everything below is on the stream. */
  private long sentBelow;

  /** True while what is sent is read from the spool, because memory does not hold all of it. */
  private boolean behind;

  private boolean sending;

  /** Counts how often sending was begun anew. */
  private long begun;

  private long pausedUntil = System.nanoTime();
  private long droppedNanos = System.nanoTime();
  private boolean unwritable;
  private volatile boolean unforced;

  UsageRecorder(
      UsageConfig config,
      RoutingConfig routing,
      Redis redis,
      Admission admission,
      Vertx vertx,
      RouterMetrics metrics,
      Clock clock) {
    this.config = config;
    this.routing = routing;
    this.redis = redis;
    this.admission = admission;
    this.vertx = vertx;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** An event in {@code takenJson}. */
  private record Taken(int shard, int from, int length) {}

  /** A job that ended, until its event is written. */
  private record Job(Hold hold, Units units, NanoUsd cost, long position, Promise<Void> recorded) {}

  /** The jobs that ended in one turn of an event loop. */
  private final class Ended {
    private List<Job> jobs = new ArrayList<>();

    void add(Job job, EventLoop loop) {
      jobs.add(job);
      if (jobs.size() == 1) {
        // After everything else that this turn of the loop brings: one write for all of it.
        loop.execute(this::written);
      }
    }

    private void written() {
      List<Job> turn = jobs;
      jobs = new ArrayList<>();
      settlements.writeAndSettle();
      for (Job job : turn) {
        job.recorded.complete();
      }
    }
  }

  void start(@Observes @Priority(10) StartupEvent started) throws IOException {
    spool = new Spool(routing.spoolDirectory(), config.segmentBytes(), clock);
    instance = routing.instance() + "." + spool.id();
    declarations = new MissingRangeReporter(instance, spool, config.declareEvery(), declared());
    declarations.look(System.nanoTime());
    waiting = new StreamBatch[routing.usageShards()];
    Arrays.setAll(waiting, shard -> new StreamBatch());
    sentBelow = spool.first();
    behind = spool.last() >= sentBelow;
    leftBelow = spool.next();
    vertx.setPeriodic(
        config.syncEvery().toMillis(), timer -> vertx.executeBlocking(this::sync, true));
    vertx.setPeriodic(config.announceEvery().toMillis(), timer -> send());
    admission.start(instance, this);
  }

  /** After the last job: shares go back, and what is spooled is sent, as far as Redis takes it. */
  void stop(@Observes ShutdownEvent stopped) throws IOException, InterruptedException {
    if (spool == null) {
      return;
    }
    admission.giveBack();
    send();
    Thread.sleep(4 * config.announceEvery().toMillis());
    this.stopped = true;
    admission.stop();
    spool.close();
  }

  private Void sync() {
    if (!spool.isOpen()) {
      return null;
    }
    // Tries again what could not be written.
    write();
    force();
    drop();
    declarations.look(System.nanoTime());
    long bytes = spool.bytes();
    full = unwritable || unforced || bytes >= config.spoolMaxBytes();
    metrics.spooled(bytes);
    return null;
  }

  private void force() {
    try {
      spool.sync();
      unforced = false;
    } catch (IOException failed) {
      if (!unforced) {
        LOG.error(
            "usage cannot be forced to the disk: no jobs are admitted until it can be", failed);
      }
      unforced = true;
    }
  }

  /**
   * Lets go of what metering has and the store has heard of. To ask all shares what they have not
   * told costs a walk through them, so it is asked only when a whole segment depends on it.
   */
  private void drop() {
    long below;
    synchronized (lock) {
      below = Math.min(sentBelow, stored.getOrDefault(instance, 0L));
    }
    long nanos = System.nanoTime();
    if (nanos - droppedNanos < PAUSE_NANOS || !spool.canDropBelow(below)) {
      return;
    }
    droppedNanos = nanos;
    // What metering has was written, but may wait to be settled: only then is it seen as untold.
    settlements.writeAndSettle();
    try {
      spool.dropBelow(Math.min(below, admission.unreportedFrom()));
    } catch (IOException failed) {
      LOG.warnf("spool segments cannot be dropped: %s", failed.getMessage());
    }
  }

  /** True when no more usage can be kept, so that no more jobs may start. */
  public boolean isFull() {
    return full;
  }

  /**
   * Records a job that ended, and settles its hold. When the answer completes, the event survives
   * the death of this process; jobs that end together are written together.
   *
   * @param hold null when the job had none
   * @param event made for the instance's name and a spool position
   */
  public Future<Void> record(Hold hold, BiFunction<String, Long, UsageRecorded> event) {
    ContextInternal context =
        Context.isOnEventLoopThread() ? (ContextInternal) Vertx.currentContext() : null;
    Promise<Void> recorded = context == null ? Promise.promise() : context.promise();
    UsageRecorded made;
    Job job;
    synchronized (lock) {
      long position = spool.next();
      made = event.apply(instance, position);
      json.write(made);
      spool.add(json.bytes(), json.length());
      take(made.tenantId());
      job = new Job(hold, made.units(), made.estimatedCost(), position, recorded);
      settlements.add(job);
    }
    metrics.finished(made.capability(), made.outcome(), made.latencyMillis());
    if (context == null) {
      settlements.writeAndSettle();
      recorded.complete();
    } else {
      Ended turn = ended.get();
      if (turn == null) {
        turn = new Ended();
        ended.set(turn);
      }
      turn.add(job, context.nettyEventLoop());
    }
    return recorded.future();
  }

  /** Whatever happens, no client is left waiting. */
  private void settle(Job job) {
    try {
      if (job.hold != null) {
        admission.settle(job.hold, job.units, job.cost, job.position);
      }
    } catch (RuntimeException broken) {
      LOG.errorf(broken, "a hold was not settled, position=%d", job.position);
    }
  }

  private void take(String tenantId) {
    int length = json.length();
    if (takenLength + length > takenJson.length) {
      takenJson = Arrays.copyOf(takenJson, 2 * (takenLength + length));
    }
    System.arraycopy(json.bytes(), 0, takenJson, takenLength, length);
    int shards = waiting.length;
    taken.add(
        new Taken(shards == 1 ? 0 : Topics.usageShard(tenantId, shards), takenLength, length));
    takenLength += length;
  }

  /**
   * Stores what the spool took. What cannot be stored is kept and tried again: those who wait for
   * it have been served and are not held up, but nobody new is admitted until then.
   */
  private void write() {
    synchronized (lock) {
      if (taken.isEmpty()) {
        return;
      }
      try {
        spool.write();
      } catch (IOException failed) {
        if (!unwritable) {
          LOG.error(
              "usage cannot be recorded: no jobs are admitted until the spool is writable", failed);
        }
        unwritable = true;
        full = true;
        return;
      }
      unwritable = false;
      int size = 0;
      for (Taken one : taken) {
        if (!behind) {
          waiting[one.shard].add(takenJson, one.from, one.length);
        }
        size = Math.max(size, waiting[one.shard].size());
      }
      if (size > MOST_WAITING) {
        forgetWaiting();
      }
      taken.clear();
      takenLength = 0;
      if (takenJson.length > USUAL_BYTES) {
        takenJson = new byte[USUAL_BYTES];
      }
    }
  }

  /** From now on what is sent is read from the spool. */
  private void forgetWaiting() {
    for (StreamBatch shard : waiting) {
      shard.clear();
    }
    behind = true;
  }

  /**
   * Redis answers again, perhaps with an empty memory: what metering has not confirmed goes again.
   */
  public void reconnected() {
    synchronized (lock) {
      forgetWaiting();
      begun++;
      sentBelow = Math.min(sentBelow, stored.getOrDefault(instance, 0L) + 1);
      sentBelow = Math.max(sentBelow, spool.first());
      behind = spool.last() >= sentBelow;
      pausedUntil = System.nanoTime();
    }
    send();
  }

  /** Entries of one shard. */
  private record Batch(int shard, List<Buffer> entries) {}

  private void send() {
    List<Batch> live;
    long from;
    long to;
    long turn;
    synchronized (lock) {
      if (stopped || sending || spool == null || System.nanoTime() - pausedUntil < 0) {
        return;
      }
      from = sentBelow;
      to = spool.written();
      if (to < from) {
        return;
      }
      sending = true;
      turn = begun;
      live = behind ? null : takeWaiting();
    }
    Future<Long> appended =
        live != null
            ? append(live).map(to)
            : vertx
                .executeBlocking(() -> spooled(from))
                .compose(read -> append(read.batches).map(read.last));
    appended.onComplete(
        done -> {
          boolean more;
          synchronized (lock) {
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
      forgetWaiting();
      pausedUntil = System.nanoTime() + PAUSE_NANOS;
      return;
    }
    sentBelow = done.result() + 1;
    if (!live && sentBelow > spool.written()) {
      behind = false;
    }
  }

  private List<Batch> takeWaiting() {
    List<Batch> batches = new ArrayList<>(waiting.length);
    for (int shard = 0; shard < waiting.length; shard++) {
      batches.add(new Batch(shard, waiting[shard].take()));
    }
    return batches;
  }

  private record Read(List<Batch> batches, long last) {}

  private Read spooled(long from) throws IOException {
    StreamBatch[] read = new StreamBatch[waiting.length];
    Arrays.setAll(read, shard -> new StreamBatch());
    Spool.Records records = spool.read(Math.max(from, spool.first()), MOST_AT_ONCE);
    for (String record : records.records()) {
      byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
      int shard = read.length == 1 ? 0 : Topics.usageShard(tenant(record), read.length);
      read[shard].add(bytes, 0, bytes.length);
    }
    List<Batch> batches = new ArrayList<>();
    for (int shard = 0; shard < read.length; shard++) {
      batches.add(new Batch(shard, read[shard].take()));
    }
    return new Read(batches, records.next() - 1);
  }

  private static String tenant(String record) {
    return Json.read(record, UsageRecorded.class).tenantId();
  }

  private Future<?> append(List<Batch> batches) {
    List<Future<?>> entries = new ArrayList<>();
    for (Batch batch : batches) {
      for (Buffer entry : batch.entries) {
        entries.add(
            redis.send(
                Request.cmd(Command.XADD)
                    .arg(Topics.usage(batch.shard))
                    .arg("*")
                    .arg(Topics.FIELD)
                    .arg(entry)));
      }
    }
    // Timed by the caller's own loop: a future of no context starts a thread for each timeout.
    ContextInternal loop = ContextInternal.current();
    Promise<Object> appended = loop == null ? Promise.promise() : loop.promise();
    Future.all(entries).<Object>mapEmpty().onComplete(appended);
    return appended.future().timeout(APPENDED_MILLIS, TimeUnit.MILLISECONDS);
  }

  private MissingRangeReporter.Out declared() {
    return new MissingRangeReporter.Out() {
      @Override
      public void count(String reason) {
        metrics.spoolGap(reason);
      }

      @Override
      public void declare(UsageMissing missing) {
        redis
            .send(
                Request.cmd(Command.XADD)
                    .arg(Topics.usage(0))
                    .arg("*")
                    .arg(Topics.FIELD)
                    .arg(Json.write(missing)))
            .onFailure(away -> LOG.debugf("declared the next time: %s", away.getMessage()));
      }

      @Override
      public void sendAgain(long position) {
        stored.put(instance, position);
        reconnected();
      }
    };
  }

  /** Metering has stored an instance's usage up to a position. */
  public void committed(String of, long position) {
    stored.merge(of, position, Math::max);
    if (declarations != null && of.equals(instance)) {
      declarations.committed(position);
    }
  }

  @Override
  public long uncommitted() {
    long last = spool.last();
    return isStored(last) ? 0 : last;
  }

  @Override
  public void left(Consumer<UsageRecorded> taker) throws IOException {
    spool.each(
        leftBelow, (record, position) -> taker.accept(Json.read(record, UsageRecorded.class)));
  }

  @Override
  public boolean isStored(long position) {
    return isStored(instance, position);
  }

  @Override
  public boolean isStored(String of, long position) {
    return position == 0 || stored.getOrDefault(of, 0L) >= position;
  }
}
