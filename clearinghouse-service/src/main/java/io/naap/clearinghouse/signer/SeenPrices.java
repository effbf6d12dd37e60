package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.signer.wire.Capabilities;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What callers were asked for lately, by whom and for what. Nobody has signed those prices, so what
 * one caller shows is remembered for that caller alone: nobody can hide an orchestrator from
 * others.
 */
final class SeenPrices {
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

  SeenPrices(Duration memory) {
    this.memory = memory;
  }

  private record Key(String caller, String url, Optional<Capabilities.Model> model) {}

  private record Seen(Fraction price, Instant at) {}

  /**
   * Remembers a price. A price for several models at once says nothing of one of them.
   *
   * @param price in wei a unit
   */
  synchronized void saw(
      String caller, String url, List<Capabilities.Model> models, Fraction price, Instant now) {
    if (models.size() <= 1 && url.length() + longest(models) <= MAX_TEXT) {
      Key key = new Key(caller, trimmed(url), models.stream().findFirst());
      seen.remove(key);
      seen.put(key, new Seen(price, now));
    }
  }

  /** The newest price, while it is remembered; in wei a unit. */
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
