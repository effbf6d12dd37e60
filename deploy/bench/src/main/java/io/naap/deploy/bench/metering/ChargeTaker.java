package io.naap.deploy.bench.metering;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntry;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XReadParams;

/**
 * Stands in for the clearinghouse where that does not run: takes what metering announces of
 * charges, and acknowledges it, because metering keeps and bounds what nobody acknowledges.
 */
final class ChargeTaker implements AutoCloseable {
  private static final String STREAM = "naap:charges";

  private final MeteringLab lab;
  private final boolean remembers;
  private final AtomicLong taken = new AtomicLong();
  private final Set<String> ids = ConcurrentHashMap.newKeySet();
  private Thread thread;
  private volatile boolean stopping;

  private ChargeTaker(MeteringLab lab, boolean remembers) {
    this.lab = lab;
    this.remembers = remembers;
  }

  /**
   * Begins to take charges.
   *
   * @param remembers whether the id of each is kept
   */
  static ChargeTaker start(MeteringLab lab, boolean remembers) {
    ChargeTaker taker = new ChargeTaker(lab, remembers);
    taker.thread = new Thread(taker::run, "charges");
    taker.thread.start();
    return taker;
  }

  /** How many charges came, repeated ones included. */
  long taken() {
    return taken.get();
  }

  /** How many different ones came. */
  int distinct() {
    return ids.size();
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    StreamEntryID last = new StreamEntryID();
    try (Jedis jedis = lab.redis()) {
      while (!stopping) {
        List<Map.Entry<String, List<StreamEntry>>> read =
            jedis.xread(XReadParams.xReadParams().count(32).block(50), Map.of(STREAM, last));
        if (read == null) {
          continue;
        }
        for (StreamEntry entry : read.getFirst().getValue()) {
          last = entry.getID();
          take(entry.getFields().get("e"));
          jedis.xadd(
              STREAM + ":acks",
              (StreamEntryID) null,
              Map.of("g", "clearinghouse", "r", entry.getFields().get("r")));
          jedis.xdel(STREAM, last);
        }
      }
    }
  }

  private void take(String events) {
    for (String event : events.split("\n", -1)) {
      taken.incrementAndGet();
      if (remembers) {
        int at = event.indexOf("\"usage_event_id\":\"") + 18;
        ids.add(event.substring(at, event.indexOf('"', at)));
      }
    }
  }
}
