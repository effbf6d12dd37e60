package io.naap.router.proxy;

import io.vertx.core.Future;
import io.vertx.redis.client.RedisAPI;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows which pushed streams routers sent to which gateway. A gateway asks about every stream that
 * is pushed to it; a stream that no router sent came to the gateway's port directly and is not paid
 * for.
 */
@Singleton
public class PushedStreams {
  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final Duration RENEWED = Duration.ofMinutes(1);
  private static final int MOST_KNOWN = 10_000;

  private final RedisAPI redis;
  private final Clock clock;

  /** When this router last wrote a name: so Redis is not written for every segment. */
  private final Map<String, Long> written = new ConcurrentHashMap<>();

  PushedStreams(RedisAPI redis, Clock clock) {
    this.redis = redis;
    this.clock = clock;
  }

  /** Notes in Redis that a stream will be sent to a gateway. */
  Future<Void> admit(String gateway, String name) {
    String key = key(gateway, name);
    long now = clock.millis();
    Long last = written.get(key);
    if (last != null && now - last < RENEWED.toMillis()) {
      return Future.succeededFuture();
    }
    if (written.size() >= MOST_KNOWN) {
      written.clear();
    }
    return redis
        .psetex(key, Long.toString(REMEMBERED.toMillis()), "1")
        .onSuccess(done -> written.put(key, now))
        .mapEmpty();
  }

  /** True when a router sent the stream to that gateway in the last minutes. */
  public Future<Boolean> isAdmitted(String gateway, String name) {
    return name.isEmpty()
        ? Future.succeededFuture(false)
        : redis.exists(List.of(key(gateway, name))).map(found -> found.toInteger() == 1);
  }

  private static String key(String gateway, String name) {
    return "naap:pushed:" + gateway + ':' + name;
  }
}
