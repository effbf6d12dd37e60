package io.naap.router;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import java.time.Duration;
import java.util.List;

/** What the router recorded for a key. */
final class Recorded {
  private Recorded() {}

  /** Usage of a key's tenant, waited for until there is so much. */
  static List<UsageRecorded> usage(RedisDataSource redis, String key, int count)
      throws InterruptedException {
    return usage(redis, key, count, 3);
  }

  static List<UsageRecorded> usage(RedisDataSource redis, String key, int count, int seconds)
      throws InterruptedException {
    var unused =
        Eventually.holds(Duration.ofSeconds(seconds), () -> usage(redis, key).size() >= count);
    return usage(redis, key);
  }

  static UsageRecorded only(RedisDataSource redis, String key) throws InterruptedException {
    List<UsageRecorded> found = usage(redis, key, 1);
    if (found.size() != 1) {
      throw new AssertionError("one event was expected: " + found);
    }
    return found.getFirst();
  }

  /** Each once: a store that was silent for a while is told again what metering may not have. */
  static List<UsageRecorded> usage(RedisDataSource redis, String key) {
    String tenant = FakeServices.KEYS.get(key).tenantId();
    return entries(redis, "naap:usage:0").stream()
        .map(event -> Json.read(event, UsageRecorded.class))
        .filter(event -> event.tenantId().equals(tenant))
        .distinct()
        .toList();
  }

  /** Lines of the request log of a key's tenant. */
  static List<RequestLogged> log(RedisDataSource redis, String key, int count)
      throws InterruptedException {
    String tenant = FakeServices.KEYS.get(key).tenantId();
    var unused =
        Eventually.holds(Duration.ofSeconds(3), () -> logged(redis, tenant).size() >= count);
    return logged(redis, tenant);
  }

  private static List<RequestLogged> logged(RedisDataSource redis, String tenant) {
    return entries(redis, "naap:requests").stream()
        .map(line -> Json.read(line, RequestLogged.class))
        .filter(line -> line.request().tenantId().equals(tenant))
        .toList();
  }

  private static List<String> entries(RedisDataSource redis, String stream) {
    return redis.stream(String.class).xrange(stream, StreamRange.of("-", "+")).stream()
        .flatMap(entry -> UsageEntry.events(entry.payload().get("e")).stream())
        .toList();
  }
}
