package io.naap.router.usage;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.json.Json;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;

/**
 * The request log on its way to metering: many lines in an entry, as an array. Best effort: what
 * does not fit in the line, or Redis does not take, is gone.
 */
@ApplicationScoped
public class RequestLog {
  private static final int MOST_WAITING = 5_000;
  private static final String MOST_KEPT = "100000";
  private static final long EVERY_MILLIS = 250;

  private final RedisAPI redis;
  private final Vertx vertx;
  private final List<RequestLogged> waiting = new ArrayList<>();

  RequestLog(RedisAPI redis, Vertx vertx) {
    this.redis = redis;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(EVERY_MILLIS, timer -> send());
  }

  public void log(RequestLogged line) {
    synchronized (waiting) {
      if (waiting.size() < MOST_WAITING) {
        waiting.add(line);
      }
    }
  }

  private void send() {
    List<RequestLogged> lines;
    synchronized (waiting) {
      lines = List.copyOf(waiting);
      waiting.clear();
    }
    for (int from = 0; from < lines.size(); from += UsageEntry.MOST) {
      List<RequestLogged> entry =
          lines.subList(from, Math.min(lines.size(), from + UsageEntry.MOST));
      // Trimmed, read or not: nothing is billed from it.
      redis.xadd(
          List.of(Topics.REQUESTS, "MAXLEN", "~", MOST_KEPT, "*", Topics.FIELD, Json.write(entry)));
    }
  }
}
