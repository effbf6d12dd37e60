package io.naap.contracts.keys;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Limits how many unknown keys one client address may ask about in a minute. Anybody can generate
 * keys with a valid checksum, and each new one costs a look-up in keys-service; keys that are
 * cached cost none and are not limited. Thread-safe.
 */
public final class UnknownKeyLimit {
  private static final long WINDOW_MILLIS = 60_000;

  /** The most addresses that are counted; with more, all counts start from zero. */
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
   * Counts a key of this address that has to be looked up. Call {@link #forget} when the key turns
   * out to exist.
   *
   * @return false when the address has asked about too many unknown keys
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

  /** Undoes a count, because the key exists or could not be looked up. */
  public void forget(String address) {
    asked.computeIfPresent(address, (who, count) -> count > 1 ? count - 1 : null);
  }

  /** Seconds until the counts start from zero. */
  public long secondsLeft() {
    return 1 + (WINDOW_MILLIS - clock.millis() % WINDOW_MILLIS) / 1_000;
  }
}
