package io.naap.router.usage;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.router.RouterMetrics;
import io.naap.router.admission.Admission;
import io.naap.router.routing.RoutingConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/**
 * Every job becomes one event: first in the spool, then on the usage stream, and its hold is
 * settled. What Redis did not take is sent again until it does; after a restart everything metering
 * has not confirmed is sent again. Both are harmless: events and settlements count once by id.
 */
@ApplicationScoped
public class Usage {
  private static final Logger LOG = Logger.getLogger(Usage.class);
  private static final int REPLAYED_AT_ONCE = 500;

  private final UsageConfig config;
  private final RoutingConfig routing;
  private final RedisAPI redis;
  private final Admission admission;
  private final Vertx vertx;
  private final RouterMetrics metrics;
  private final Set<Long> unsent = new ConcurrentSkipListSet<>();
  private final AtomicBoolean replaying = new AtomicBoolean();
  private Spool spool;

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

  void start(@Observes StartupEvent started) throws IOException {
    spool = new Spool(routing.spoolDirectory(), config.segmentBytes());
    for (long position = spool.first(); position <= spool.last(); position++) {
      unsent.add(position);
    }
    vertx.setPeriodic(
        config.syncEvery().toMillis(), timer -> vertx.executeBlocking(this::sync, true));
    vertx.setPeriodic(1_000, timer -> replay());
  }

  void stop(@Observes ShutdownEvent stopped) throws IOException {
    if (spool != null) {
      spool.close();
      spool = null;
    }
  }

  private Void sync() throws IOException {
    Spool open = spool;
    if (open != null) {
      open.sync();
      metrics.spooled(open.bytes());
    }
    return null;
  }

  /** True when no more usage can be kept, so that no more jobs may start. */
  public boolean isFull() {
    return spool.bytes() >= config.spoolMaxBytes();
  }

  /**
   * Records a job that ended; the hold of the event's id is settled with it.
   *
   * @param event made for the instance's name and a spool position
   * @return completes when the last byte may leave; never fails
   */
  public Future<Void> record(BiFunction<String, Long, UsageRecorded> event) {
    UsageRecorded[] made = new UsageRecorded[1];
    String instance = instance();
    long position =
        spool.append(
            at -> {
              made[0] = event.apply(instance, at);
              return Json.write(made[0]);
            });
    unsent.add(position);
    metrics.finished(made[0].capability(), made[0].outcome());
    return send(made[0])
        .timeout(config.announceWithin().toMillis(), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  private String instance() {
    return routing.instance() + "." + spool.id();
  }

  private Future<Void> send(UsageRecorded event) {
    int shard = Topics.usageShard(event.tenantId(), routing.usageShards());
    return Future.all(
            redis.xadd(List.of(Topics.usage(shard), "*", Topics.FIELD, Json.write(event))),
            admission.settle(event.eventId(), event.units(), event.estimatedCost()))
        .map(
            sent -> {
              unsent.remove(event.spoolPosition());
              return null;
            });
  }

  /** Redis answers again, perhaps with an empty memory. */
  public void reconnected() {
    replay();
  }

  private void replay() {
    if (spool == null || unsent.isEmpty() || !replaying.compareAndSet(false, true)) {
      return;
    }
    vertx
        .executeBlocking(this::waiting, true)
        .compose(
            events -> {
              Future<Void> all = Future.succeededFuture();
              for (UsageRecorded event : events) {
                all = all.compose(sent -> send(event));
              }
              return all;
            })
        .onComplete(done -> replaying.set(false));
  }

  private List<UsageRecorded> waiting() throws IOException {
    List<UsageRecorded> events = new ArrayList<>();
    long newest = spool.last();
    spool.each(
        (record, position) -> {
          if (events.size() < REPLAYED_AT_ONCE && position <= newest && unsent.contains(position)) {
            events.add(Json.read(record, UsageRecorded.class));
          }
        });
    return events;
  }

  /** Metering has stored an instance's usage below a position. */
  public void committed(String instance, long position) {
    if (spool != null && instance.equals(instance())) {
      try {
        spool.dropBelow(Math.min(position, unsent.stream().findFirst().orElse(Long.MAX_VALUE)));
      } catch (IOException failed) {
        LOG.warnf("spool segments cannot be dropped: %s", failed.getMessage());
      }
    }
  }
}
