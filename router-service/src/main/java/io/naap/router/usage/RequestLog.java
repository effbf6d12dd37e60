package io.naap.router.usage;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.Topics;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends the request log to metering, many lines in one entry of a stream. Best effort: lines are
 * dropped when too many wait, or when Redis does not take them.
 */
@Singleton
public class RequestLog {
  private static final int MOST_WAITING = 5_000;
  private static final String MOST_KEPT = "100000";
  private static final long EVERY_MILLIS = 250;

  private final Redis redis;
  private final Vertx vertx;

  /** Guards the fields below. */
  private final Object lock = new Object();

  private final EventJson json = new EventJson();
  private final StreamBatch waiting = new StreamBatch();
  private boolean sending;
  private volatile boolean stopped;

  RequestLog(Redis redis, Vertx vertx) {
    this.redis = redis;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(EVERY_MILLIS, timer -> send());
  }

  /** Lines that are logged from now on are dropped: the Redis client ends with the application. */
  void stop(@Observes ShutdownEvent ending) {
    send();
    stopped = true;
  }

  public void log(RequestLogged line) {
    synchronized (lock) {
      if (waiting.size() < MOST_WAITING) {
        json.write(line);
        waiting.add(json.bytes(), 0, json.length());
      }
    }
  }

  private void send() {
    List<Buffer> entries;
    synchronized (lock) {
      // Nothing is sent while Redis does not answer, so that no more waits than is allowed to.
      if (stopped || sending) {
        return;
      }
      entries = waiting.take();
      sending = !entries.isEmpty();
    }
    List<Future<?>> sent = new ArrayList<>();
    for (Buffer entry : entries) {
      // Redis trims the stream whether it was read or not: nothing is billed from it.
      sent.add(
          redis.send(
              Request.cmd(Command.XADD)
                  .arg(Topics.REQUESTS)
                  .arg("MAXLEN")
                  .arg("~")
                  .arg(MOST_KEPT)
                  .arg("*")
                  .arg(Topics.FIELD)
                  .arg(entry)));
    }
    Future.join(sent)
        .onComplete(
            done -> {
              synchronized (lock) {
                sending = false;
              }
            });
  }
}
