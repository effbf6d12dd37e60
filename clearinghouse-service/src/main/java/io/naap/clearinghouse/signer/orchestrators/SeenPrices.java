package io.naap.clearinghouse.signer.orchestrators;

import io.naap.clearinghouse.signer.protocol.Capabilities;
import io.naap.clearinghouse.signer.protocol.Fraction;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The prices that orchestrators lately asked of callers. Callers report them, and nothing proves
 * them; so a price counts only for the caller that reported it, and no caller can hide an
 * orchestrator from others.
 */
public final class SeenPrices {
  private static final int MOST = 10_000;
  private static final int MAX_TEXT = 512;

  private final Duration memory;
  private final Map<Key, Seen> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Seen> eldest) {
          return size() > MOST;
        }
      };

  public SeenPrices(Duration memory) {
    this.memory = memory;
  }

  private record Key(String caller, String url, Optional<Capabilities.Model> model) {}

  private record Seen(Fraction price, Instant at) {}

  /**
   * Remembers a price. A price for several models together is not remembered: it tells nothing
   * about one of them.
   *
   * @param price in wei a unit
   */
  public synchronized void saw(
      String caller, String url, List<Capabilities.Model> models, Fraction price, Instant now) {
    if (models.size() <= 1 && url.length() + longest(models) <= MAX_TEXT) {
      Key key = new Key(caller, trimmed(url), models.stream().findFirst());
      seen.remove(key);
      seen.put(key, new Seen(price, now));
    }
  }

  /** The last price that the caller reported, in wei a unit; absent when it is too old. */
  synchronized Optional<Fraction> price(
      String caller, String url, Optional<Capabilities.Model> model, Instant now) {
    return Optional.ofNullable(seen.get(new Key(caller, trimmed(url), model)))
        .filter(one -> one.at().plus(memory).isAfter(now))
        .map(Seen::price);
  }

  private static int longest(List<Capabilities.Model> models) {
    return models.stream().mapToInt(one -> one.id().length()).max().orElse(0);
  }

  private static String trimmed(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
