package io.naap.router.usage;

import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.admission.Admission;
import io.naap.router.admission.SpooledUsage;
import io.naap.router.admission.quota.Hold;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.neighbour.ChangeListener;
import io.naap.router.routing.RoutingConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.Redis;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Records every job as one event in the spool, after which its answer may end, and settles its
 * hold. {@link UsagePublisher} sends the event on. What metering has confirmed and Redis has heard
 * of is dropped from the spool; after a restart everything else is sent again.
 */
@Singleton
public class UsageRecorder implements SpooledUsage, ChangeListener {
  private static final Logger LOG = Logger.getLogger(UsageRecorder.class);

  /** Whether segments can be dropped is looked at so often. */
  private static final long DROP_NANOS = 500_000_000L;

  private final UsageConfig config;
  private final RoutingConfig routing;
  private final Redis redis;
  private final Admission admission;
  private final Vertx vertx;
  private final RouterMetrics metrics;
  private final Clock clock;
  private final StoredUsage stored = new StoredUsage();
  private final FastThreadLocal<Turn> turns = new FastThreadLocal<>();
  private final Object lock = new Object();
  private final SettlementQueue<Job> settlements;

  // The lock guards these; it is only held for work in memory.
  private final EventJson json = new EventJson();
  private EventBuffer added = new EventBuffer();

  // One thread at a time uses these, the one that writes and settles.
  private EventBuffer unwritten = new EventBuffer();
  private volatile boolean unwritable;

  private Spool spool;
  private UsagePublisher publisher;
  private String instance;

  /** The first position of this process. */
  private long firstPosition;

  private volatile MissingRangeReporter reporter;
  private volatile long settledTo;
  private volatile boolean full;
  private volatile boolean unforced;
  private long droppedNanos = System.nanoTime();

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
    this.settlements =
        new SettlementQueue<>(
            lock,
            new Settling(),
            task ->
                vertx.executeBlocking(
                    () -> {
                      task.run();
                      return null;
                    },
                    false));
  }

  /** A job that ended, until its event is written. */
  private record Job(Hold hold, Units units, NanoUsd cost, long position, Promise<Void> recorded) {}

  /** One turn of an event loop, in which several jobs may end. Of that loop's thread only. */
  private final class Turn {
    private final EventLoop loop;
    private boolean hasJobs;

    Turn(EventLoop loop) {
      this.loop = loop;
    }

    void add() {
      if (!hasJobs) {
        hasJobs = true;
        // After everything else that this turn brings: one write for all of its jobs.
        loop.execute(
            () -> {
              hasJobs = false;
              settlements.writeAndSettle();
            });
      }
    }
  }

  // --- start, stop and what is done every now and then ---

  void start(@Observes @Priority(10) StartupEvent started) throws IOException {
    spool = new Spool(routing.spoolDirectory(), config.segmentBytes(), clock);
    instance = routing.instance() + "." + spool.id();
    publisher = new UsagePublisher(spool, routing.usageShards(), redis, vertx);
    firstPosition = spool.next();
    settledTo = firstPosition - 1;
    reporter = new MissingRangeReporter(instance, spool, config.declareEvery(), reported());
    reporter.look(System.nanoTime());
    vertx.setPeriodic(
        config.syncEvery().toMillis(), timer -> vertx.executeBlocking(this::sync, true));
    vertx.setPeriodic(config.announceEvery().toMillis(), timer -> publisher.send());
    admission.start(instance, this);
  }

  /** After the last job: leases go back, and events are sent as far as Redis takes them. */
  void stop(@Observes ShutdownEvent stopped) throws IOException, InterruptedException {
    if (spool == null) {
      return;
    }
    admission.giveBack();
    publisher.send();
    Thread.sleep(4 * config.announceEvery().toMillis());
    publisher.stop();
    admission.stop();
    spool.close();
  }

  private MissingRangeReporter.Out reported() {
    return new MissingRangeReporter.Out() {
      @Override
      public void count(String reason) {
        metrics.spoolGap(reason);
      }

      @Override
      public void declare(UsageMissing missing) {
        publisher.declare(missing);
      }

      @Override
      public void sendAgain(long position) {
        stored.lostBehind(instance, position);
        reconnected();
      }
    };
  }

  private Void sync() {
    if (!spool.isOpen()) {
      return null;
    }
    // Tries again what could not be written.
    settlements.writeAndSettle();
    force();
    drop();
    reporter.look(System.nanoTime());
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
   * Drops what metering has and Redis has heard of. To find the first event that Redis has not
   * heard of, all leases are looked at, so that is done only when a whole segment depends on it.
   */
  private void drop() {
    long below = Math.min(publisher.sentBelow(), stored.position(instance));
    long nanos = System.nanoTime();
    if (nanos - droppedNanos < DROP_NANOS || !spool.canDropBelow(below)) {
      return;
    }
    droppedNanos = nanos;
    // Read first: a job that is settled after this counts as unreported, and one that is not is
    // kept.
    long settled = settledTo;
    try {
      spool.dropBelow(Math.min(Math.min(below, settled + 1), admission.unreportedFrom()));
    } catch (IOException failed) {
      LOG.warnf("spool segments cannot be dropped: %s", failed.getMessage());
    }
  }

  /** True when no more usage can be kept, so that no more jobs may start. */
  public boolean isFull() {
    return full;
  }

  // --- jobs ---

  /**
   * Records a job that ended, and settles its hold. When the future completes, the event survives
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
    synchronized (lock) {
      long position = spool.next();
      made = event.apply(instance, position);
      json.write(made);
      spool.add(json.bytes(), json.length());
      added.add(publisher.shard(made.tenantId()), json.bytes(), json.length());
      settlements.add(new Job(hold, made.units(), made.estimatedCost(), position, recorded));
    }
    metrics.finished(made.capability(), made.outcome().word(), made.latencyMillis());
    if (context == null) {
      settlements.writeAndSettle();
    } else {
      turn(context.nettyEventLoop()).add();
    }
    return recorded.future();
  }

  private Turn turn(EventLoop loop) {
    Turn turn = turns.get();
    if (turn == null) {
      turn = new Turn(loop);
      turns.set(turn);
    }
    return turn;
  }

  private final class Settling implements SettlementQueue.Work<Job> {
    private EventBuffer ended = new EventBuffer();

    @Override
    public void endBatch() {
      spool.endBatch();
      EventBuffer empty = ended;
      ended = added;
      added = empty;
    }

    @Override
    public boolean needsWorker() {
      return Context.isOnEventLoopThread() && spool.mustReserve();
    }

    /**
     * Writes what the spool took. Usage that cannot be written is kept and tried again: its clients
     * were served and are not held up, but no new job is admitted until then.
     */
    @Override
    public void write() {
      if (!unwritten.isEmpty()) {
        unwritten.addAll(ended);
        ended.clear();
      }
      EventBuffer events = unwritten.isEmpty() ? ended : unwritten;
      if (events.isEmpty()) {
        return;
      }
      try {
        spool.writeBatch();
      } catch (IOException | RuntimeException failed) {
        if (!unwritable) {
          LOG.error(
              "usage cannot be recorded: no jobs are admitted until the spool is writable", failed);
        }
        unwritable = true;
        full = true;
        if (unwritten.isEmpty()) {
          unwritten.addAll(ended);
          ended.clear();
        }
        return;
      }
      unwritable = false;
      publisher.written(events, spool.written());
      events.clear();
    }

    /** Whatever happens, no client is left waiting. */
    @Override
    public void settle(Job job) {
      try {
        if (job.hold != null) {
          admission.settle(job.hold, job.units, job.cost, job.position);
        }
      } catch (RuntimeException broken) {
        LOG.errorf(broken, "a hold was not settled, position=%d", job.position);
      }
      settledTo = job.position;
      job.recorded.complete();
    }

    @Override
    public void goOn(Runnable next) {
      Turn turn = turns.get();
      if (turn == null) {
        next.run();
      } else {
        turn.loop.execute(next);
      }
    }
  }

  // --- what metering has ---

  @Override
  public void usageCommitted(UsageCommitted committed) {
    stored.committed(committed.instance(), committed.spoolPosition());
    if (reporter != null && committed.instance().equals(instance)) {
      reporter.committed(committed.spoolPosition());
    }
  }

  /** Redis may have lost what metering has not stored. */
  @Override
  public void reconnected() {
    publisher.sendAgain(stored.position(instance));
  }

  @Override
  public long uncommitted() {
    long last = spool.last();
    return isStored(last) ? 0 : last;
  }

  @Override
  public void left(Consumer<UsageRecorded> reader) throws IOException {
    spool.each(
        firstPosition, (record, position) -> reader.accept(Json.read(record, UsageRecorded.class)));
  }

  @Override
  public boolean isStored(long position) {
    return isStored(instance, position);
  }

  @Override
  public boolean isStored(String of, long position) {
    return stored.isStored(of, position);
  }
}
