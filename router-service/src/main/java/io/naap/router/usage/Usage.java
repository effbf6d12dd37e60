package io.naap.router.usage;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.router.RouterMetrics;
import io.naap.router.admission.Admission;
import io.naap.router.admission.Hold;
import io.naap.router.routing.RoutingConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/**
 * Every job becomes one event: first in the spool, and the answer may end; soon after on the usage
 * stream, many in one entry. What Redis did not take stays in the spool and is sent until it does;
 * after a restart everything metering has not confirmed is sent again. Both are harmless: events
 * count once by id.
 */
@ApplicationScoped
public class Usage implements Admission.Spooled {
  private static final Logger LOG = Logger.getLogger(Usage.class);
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_AT_ONCE = 1_000;
  private static final int MOST_IN_ENTRY = 200;

  private final UsageConfig config;
  private final RoutingConfig routing;
  private final RedisAPI redis;
  private final Admission admission;
  private final Vertx vertx;
  private final RouterMetrics metrics;
  private final Map<String, Long> stored = new ConcurrentHashMap<>();
  private List<UsageRecorded> left = List.of();
  private Spool spool;
  private String instance;
  private volatile boolean full;

  /** Spooled and not yet sent, in order; guarded by itself. */
  private final List<Waiting> waiting = new ArrayList<>();

  /** Everything below is on the stream. */
  private long sentBelow;

  /** True while what is sent is read from the spool, because memory does not hold all of it. */
  private boolean behind;

  private boolean sending;

  Usage(
      UsageConfig config,
      RoutingConfig routing,
      RedisAPI redis,
      Admission admission,
      Vertx vertx,
      RouterMetrics metrics) {
    this.config = config;
    this.routing = routing;
    this.redis = redis;
    this.admission = admission;
    this.vertx = vertx;
    this.metrics = metrics;
  }

  /** An event as it will be sent. */
  private static final class Waiting {
    private final long position;
    private final String tenantId;
    private final String json;

    Waiting(long position, String tenantId, String json) {
      this.position = position;
      this.tenantId = tenantId;
      this.json = json;
    }
  }

  void start(@Observes @Priority(10) StartupEvent started) throws IOException {
    spool = new Spool(routing.spoolDirectory(), config.segmentBytes());
    instance = routing.instance() + "." + spool.id();
    sentBelow = spool.first();
    behind = spool.last() >= sentBelow;
    List<UsageRecorded> unconfirmed = new ArrayList<>();
    spool.each((record, position) -> unconfirmed.add(Json.read(record, UsageRecorded.class)));
    left = unconfirmed;
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
    spool.close();
  }

  private Void sync() throws IOException {
    if (!spool.isOpen()) {
      return null;
    }
    spool.sync();
    long bytes = spool.bytes();
    full = bytes >= config.spoolMaxBytes();
    metrics.spooled(bytes);
    return null;
  }

  /** True when no more usage can be kept, so that no more jobs may start. */
  public boolean isFull() {
    return full;
  }

  /**
   * Records a job that ended, and settles its hold. When this returns, the event survives the death
   * of this process.
   *
   * @param event made for the instance's name and a spool position
   */
  public void record(Hold hold, BiFunction<String, Long, UsageRecorded> event) {
    UsageRecorded[] made = new UsageRecorded[1];
    String[] json = new String[1];
    long position;
    synchronized (waiting) {
      // Under one lock, so that what is sent is sent in the order of the spool.
      try {
        position =
            spool.append(
                at -> {
                  made[0] = event.apply(instance, at);
                  json[0] = EventJson.write(made[0]);
                  return json[0].getBytes(StandardCharsets.UTF_8);
                });
      } catch (UncheckedIOException unwritable) {
        full = true;
        LOG.error(
            "usage cannot be recorded: no jobs are admitted until the spool is writable",
            unwritable);
        return;
      }
      if (!behind) {
        if (waiting.size() < MOST_WAITING) {
          waiting.add(new Waiting(position, made[0].tenantId(), json[0]));
        } else {
          waiting.clear();
          behind = true;
        }
      }
    }
    metrics.finished(made[0].capability(), made[0].outcome());
    if (hold != null) {
      admission.settle(hold, made[0].units(), made[0].estimatedCost(), position);
    }
  }

  /**
   * Redis answers again, perhaps with an empty memory: what metering has not confirmed goes again.
   */
  public void reconnected() {
    synchronized (waiting) {
      waiting.clear();
      sentBelow = Math.min(sentBelow, stored.getOrDefault(instance, 0L) + 1);
      sentBelow = Math.max(sentBelow, spool.first());
      behind = spool.last() >= sentBelow;
    }
    send();
  }

  private void send() {
    List<Waiting> batch;
    long from;
    synchronized (waiting) {
      if (sending || spool == null || (!behind && waiting.isEmpty())) {
        return;
      }
      sending = true;
      from = sentBelow;
      batch =
          behind ? null : List.copyOf(waiting.subList(0, Math.min(MOST_AT_ONCE, waiting.size())));
    }
    Future<List<Waiting>> events =
        batch != null ? Future.succeededFuture(batch) : vertx.executeBlocking(() -> spooled(from));
    events
        .compose(this::append)
        .onComplete(
            done -> {
              boolean more;
              synchronized (waiting) {
                sending = false;
                if (done.succeeded()) {
                  sent(from, done.result(), batch != null);
                }
                more = done.succeeded() && (behind || waiting.size() >= MOST_AT_ONCE);
              }
              if (more) {
                send();
              }
            });
  }

  private void sent(long from, List<Waiting> events, boolean live) {
    if (sentBelow != from) {
      // Begun anew meanwhile.
      return;
    }
    if (!events.isEmpty()) {
      sentBelow = events.getLast().position + 1;
    }
    if (live && !behind) {
      waiting.subList(0, events.size()).clear();
    } else if (behind && sentBelow > spool.last()) {
      behind = false;
    }
  }

  private List<Waiting> spooled(long from) throws IOException {
    List<Waiting> events = new ArrayList<>();
    long position = Math.max(from, spool.first());
    for (String record : spool.read(position, MOST_AT_ONCE)) {
      events.add(
          new Waiting(position++, Json.read(record, UsageRecorded.class).tenantId(), record));
    }
    return events;
  }

  private Future<List<Waiting>> append(List<Waiting> events) {
    List<Future<?>> entries = new ArrayList<>();
    int shards = routing.usageShards();
    for (int shard = 0; shard < shards; shard++) {
      StringBuilder entry = new StringBuilder();
      int count = 0;
      for (Waiting event : events) {
        if (shards > 1 && Topics.usageShard(event.tenantId, shards) != shard) {
          continue;
        }
        entry.append(count == 0 ? '[' : ',').append(event.json);
        if (++count == MOST_IN_ENTRY) {
          entries.add(append(shard, entry.append(']').toString()));
          entry.setLength(0);
          count = 0;
        }
      }
      if (count > 0) {
        entries.add(append(shard, entry.append(']').toString()));
      }
    }
    return Future.all(entries).map(events);
  }

  private Future<?> append(int shard, String entry) {
    return redis.xadd(List.of(Topics.usage(shard), "*", Topics.FIELD, entry));
  }

  /** Metering has stored an instance's usage up to a position. */
  public void committed(String of, long position) {
    stored.merge(of, position, Math::max);
    if (instance == null || !of.equals(instance)) {
      return;
    }
    long sent;
    synchronized (waiting) {
      sent = sentBelow;
    }
    long unreported = admission.unreportedFrom();
    vertx.executeBlocking(
        () -> {
          try {
            spool.dropBelow(Math.min(position, Math.min(sent, unreported)));
          } catch (IOException failed) {
            LOG.warnf("spool segments cannot be dropped: %s", failed.getMessage());
          }
          return null;
        },
        true);
  }

  @Override
  public long uncommitted() {
    long last = spool.last();
    return isStored(last) ? 0 : last;
  }

  @Override
  public List<UsageRecorded> left() {
    List<UsageRecorded> once = left;
    left = List.of();
    return once;
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
