package io.naap.contracts.keys;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many keys that nobody has a client address may ask about in a minute. Anyone can make keys
 * whose checksum is good, and each one that is new costs a look-up; keys that were looked up before
 * cost none and are never limited here. Any thread.
 */
public final class UnknownKeyLimit {
  private static final long WINDOW_MILLIS = 60_000;

  /** Addresses that are counted; when there are more, counting begins anew. */
  private static final int MOST_ADDRESSES = 50_000;

  private final int perMinute;
  private final Clock clock;
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private volatile long window;

  public UnknownKeyLimit(int perMinute, Clock clock) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /**
   * Counts a key of this address that must be looked up.
   *
   * @return false when the address has asked about too many that do not exist
   */
  public boolean mayAsk(String address) {
    long now = clock.millis() / WINDOW_MILLIS;
    if (now != window || asked.size() > MOST_ADDRESSES) {
      window = now;
      asked.clear();
    }
    if (asked.merge(address, 1, Integer::sum) > perMinute) {
      asked.merge(address, -1, Integer::sum);
      return false;
    }
    return true;
  }

  /** The key exists after all, or could not be looked up. */
  public void forget(String address) {
    asked.computeIfPresent(address, (who, count) -> count > 1 ? count - 1 : null);
  }

  /** Until the count begins anew. */
  public long secondsLeft() {
    return 1 + (WINDOW_MILLIS - clock.millis() % WINDOW_MILLIS) / 1_000;
  }
}
