package io.naap.keys.limits;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The limits that apply to a key: the lower of the key's and its tenant's for each, and whose it
 * is. The plan's limits are not known to keys-service; admission checks all three.
 *
 * @param appliesElsewhere owners of further limits that are not in the list
 */
public record EffectiveLimits(String keyId, List<Limit> limits, List<String> appliesElsewhere) {
  public EffectiveLimits {
    limits = List.copyOf(limits);
    appliesElsewhere = List.copyOf(appliesElsewhere);
  }

  /**
   * One limit.
   *
   * @param name the policy's name in {@code RateLimit-Policy}, without the owner: {@code rpm},
   *     {@code rpd}, {@code concurrent}, {@code minute-pixels}, {@code month-usd}
   * @param limit in requests, units or nano-dollars
   * @param source {@code key} when counted for this key alone, {@code tenant} when counted over all
   *     keys of the tenant
   */
  public record Limit(String name, long limit, String source) {}

  public static EffectiveLimits of(String keyId, KeyLimits key, KeyLimits tenant) {
    Map<String, List<Limit>> byName = new TreeMap<>();
    add(byName, key, "key");
    add(byName, tenant, "tenant");
    return new EffectiveLimits(
        keyId,
        byName.values().stream()
            .map(all -> all.stream().min(Comparator.comparingLong(Limit::limit)).orElseThrow())
            .toList(),
        List.of("plan"));
  }

  private static void add(Map<String, List<Limit>> byName, KeyLimits limits, String source) {
    limits.requestsPerMinute().ifPresent(limit -> add(byName, "rpm", limit, source));
    limits.requestsPerDay().ifPresent(limit -> add(byName, "rpd", limit, source));
    limits.concurrentRequests().ifPresent(limit -> add(byName, "concurrent", limit, source));
    for (UnitRate rate : limits.unitsPerMinute()) {
      add(byName, "minute-" + word(rate.unit()), rate.limit(), source);
    }
    for (Cap cap : limits.caps()) {
      add(byName, cap.window().wireName() + "-" + word(cap.what()), cap.limit(), source);
    }
  }

  private static void add(Map<String, List<Limit>> byName, String name, long limit, String source) {
    byName.computeIfAbsent(name, any -> new ArrayList<>()).add(new Limit(name, limit, source));
  }

  private static String word(String what) {
    return what.equals(Cap.MONEY) ? "usd" : what.replace('_', '-');
  }
}
