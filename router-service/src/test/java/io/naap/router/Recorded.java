package io.naap.router;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import java.time.Duration;
import java.time.Instant;
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
    Instant end = Instant.now().plus(Duration.ofSeconds(seconds));
    List<UsageRecorded> found = usage(redis, key);
    while (found.size() < count && Instant.now().isBefore(end)) {
      Thread.sleep(20);
      found = usage(redis, key);
    }
    return found;
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
    Instant end = Instant.now().plus(Duration.ofSeconds(3));
    while (true) {
      List<RequestLogged> lines =
          entries(redis, "naap:requests").stream()
              .map(line -> Json.read(line, RequestLogged.class))
              .filter(line -> line.tenantId().equals(tenant))
              .toList();
      if (lines.size() >= count || Instant.now().isAfter(end)) {
        return lines;
      }
      Thread.sleep(20);
    }
  }

  private static List<String> entries(RedisDataSource redis, String stream) {
    return redis.stream(String.class).xrange(stream, StreamRange.of("-", "+")).stream()
        .flatMap(entry -> UsageEntry.events(entry.payload().get("e")).stream())
        .toList();
  }
}
