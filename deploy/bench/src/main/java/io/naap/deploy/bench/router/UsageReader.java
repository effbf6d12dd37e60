package io.naap.deploy.bench.router;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntry;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XTrimParams;

/**
 * Stands in for metering-service: says twice a second that everything up to the newest usage event
 * is stored, so that routers drop their spools, and drops what was read.
 */
final class UsageReader implements AutoCloseable {
  private static final String STREAM = "naap:usage:0";
  private static final int EVERY_MILLIS = 500;

  private final ObjectMapper json = new ObjectMapper();
  private final Jedis jedis;
  private final Thread thread = new Thread(this::read, "usage-reader");
  private volatile boolean open = true;
  private final AtomicLong commands = new AtomicLong();
  private final AtomicLong events = new AtomicLong();

  UsageReader(int redis) {
    jedis = new Jedis("127.0.0.1", redis);
    thread.setDaemon(true);
    thread.start();
  }

  /** How many commands of Redis's own count are this reader's. */
  long commands() {
    return commands.get();
  }

  /** How many usage events have come so far. */
  long events() {
    return events.get();
  }

  private void read() {
    try {
      while (open) {
        List<StreamEntry> newest = jedis.xrevrange(STREAM, (StreamEntryID) null, null, 1);
        commands.incrementAndGet();
        if (!newest.isEmpty()) {
          StreamEntryID last = newest.get(0).getID();
          JsonNode entry = json.readTree(newest.get(0).getFields().get("e"));
          // Several events in one entry; the last has the highest position.
          JsonNode event = entry.isArray() ? entry.get(entry.size() - 1) : entry;
          String committed =
              "{\"instance\":\"%s\",\"spool_position\":%d,\"committed_at\":\"%s\"}"
                  .formatted(
                      event.path("instance").asText(),
                      event.path("spool_position").asLong(),
                      Instant.now());
          jedis.xadd(
              "naap:usage-committed",
              Map.of("e", committed),
              XAddParams.xAddParams().maxLen(100).approximateTrimming());
          events.addAndGet(jedis.xlen(STREAM) - 1);
          jedis.xtrim(STREAM, XTrimParams.xTrimParams().minId(last.toString()));
          commands.addAndGet(3);
        }
        Thread.sleep(EVERY_MILLIS);
      }
    } catch (IOException unreadable) {
      throw new IllegalStateException("a usage event cannot be read", unreadable);
    } catch (InterruptedException | JedisException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    open = false;
    thread.interrupt();
    try {
      thread.join(2_000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    jedis.close();
  }
}
