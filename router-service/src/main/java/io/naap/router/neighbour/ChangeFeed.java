package io.naap.router.neighbour;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.json.Json;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Reads what other services push to every router: changed keys, changed plans, stored usage. Each
 * router reads all of it, without a consumer group, from where the streams ended when it started.
 * It polls instead of blocking a connection: ten short reads a second cost nothing, and a lost
 * connection heals by itself. After a lost connection, everything cached is forgotten.
 */
@Singleton
public class ChangeFeed {
  private static final Logger LOG = Logger.getLogger(ChangeFeed.class);
  private static final long EVERY_MILLIS = 100;
  private static final long PATIENCE_MILLIS = 2_000;
  private static final long STUCK_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final List<String> STREAMS =
      List.of(Topics.KEYS, Topics.PLANS, Topics.USAGE_COMMITTED);

  private final RedisAPI redis;
  private final Vertx vertx;
  private final List<ChangeListener> listeners;

  /** By stream: the id of the last entry that was read. */
  private final Map<String, String> read = new HashMap<>();

  private boolean positioned;
  private boolean down;
  private volatile long polledNanos = System.nanoTime();
  private volatile boolean stopped;

  ChangeFeed(RedisAPI redis, Vertx vertx, @All List<ChangeListener> listeners) {
    this.redis = redis;
    this.vertx = vertx;
    this.listeners = listeners;
  }

  void start(@Observes StartupEvent started) {
    vertx.getOrCreateContext().runOnContext(begin -> poll());
  }

  void stop(@Observes ShutdownEvent ending) {
    stopped = true;
  }

  /** False when the last poll is so long ago that no other one will follow. */
  public boolean isAlive() {
    return stopped || System.nanoTime() - polledNanos < STUCK_NANOS;
  }

  private void poll() {
    if (stopped) {
      return;
    }
    polledNanos = System.nanoTime();
    // Composed, so that an exception ends the round like a failed future, and not the polling.
    Future<Void> round =
        Future.<Void>succeededFuture().compose(now -> positioned ? next() : position());
    round.onComplete(
        done -> {
          if (done.failed()) {
            if (!down) {
              LOG.warnf("Redis is not reachable: %s", done.cause().getMessage());
            }
            down = true;
            positioned = false;
          } else if (down) {
            down = false;
            LOG.info("Redis is reachable again");
          }
          vertx.setTimer(down ? EVERY_MILLIS * 5 : EVERY_MILLIS, again -> poll());
        });
  }

  /** Finds the ends of the streams. */
  private Future<Void> position() {
    List<Future<?>> lasts = new ArrayList<>();
    for (String stream : STREAMS) {
      // What metering has of every router must be known from the start.
      boolean commits = stream.equals(Topics.USAGE_COMMITTED);
      lasts.add(
          redis
              .xrevrange(List.of(stream, "+", "-", "COUNT", commits ? "500" : "1"))
              .timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
              .onSuccess(
                  last -> {
                    read.put(stream, last.size() == 0 ? "0-0" : last.get(0).get(0).toString());
                    // The oldest first: what was said last counts.
                    for (int at = commits ? last.size() - 1 : -1; at >= 0; at--) {
                      take(stream, last.get(at));
                    }
                  }));
    }
    return Future.all(lasts)
        .map(
            all -> {
              positioned = true;
              listeners.forEach(ChangeListener::reconnected);
              return null;
            });
  }

  private Future<Void> next() {
    List<String> command = new ArrayList<>(List.of("COUNT", "1000", "STREAMS"));
    command.addAll(STREAMS);
    STREAMS.forEach(stream -> command.add(read.get(stream)));
    return redis.xread(command).timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).map(this::take);
  }

  private Void take(Response answer) {
    if (answer == null) {
      return null;
    }
    for (Response stream : answer) {
      String name = stream.get(0).toString();
      for (Response entry : stream.get(1)) {
        read.put(name, entry.get(0).toString());
        take(name, entry);
      }
    }
    return null;
  }

  private void take(String stream, Response entry) {
    try {
      apply(stream, entry.get(1).get(1).toString());
    } catch (IllegalArgumentException unreadable) {
      // One bad entry must not stop the stream; to forget all is always safe.
      LOG.warnf("an event cannot be read and all cached answers are dropped, stream=%s", stream);
      listeners.forEach(ChangeListener::forgetAll);
    }
  }

  private void apply(String stream, String event) {
    switch (stream) {
      case Topics.KEYS -> {
        KeyChanged changed = Json.read(event, KeyChanged.class);
        listeners.forEach(listener -> listener.keyChanged(changed));
      }
      case Topics.PLANS -> {
        PlanChanged changed = Json.read(event, PlanChanged.class);
        listeners.forEach(listener -> listener.planChanged(changed));
      }
      case Topics.USAGE_COMMITTED -> {
        UsageCommitted committed = Json.read(event, UsageCommitted.class);
        listeners.forEach(listener -> listener.usageCommitted(committed));
      }
      default -> throw new IllegalStateException(stream);
    }
  }
}
