package io.naap.contracts.keys;

import io.naap.contracts.problem.InvalidInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rate limits and caps of a key, a tenant or a plan. Where a limit is absent, only those of the
 * other levels apply; zero allows nothing.
 *
 * @param requestsPerMinute the most requests that may start in any minute
 * @param requestsPerDay the most requests that may start in a UTC day
 * @param concurrentRequests the most requests that may run at once
 * @param unitsPerMinute at most one per unit
 * @param caps at most one per unit and window
 */
public record KeyLimits(
    Optional<Long> requestsPerMinute,
    Optional<Long> requestsPerDay,
    Optional<Long> concurrentRequests,
    List<UnitRate> unitsPerMinute,
    List<Cap> caps) {
  public static final KeyLimits NONE =
      new KeyLimits(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());

  public KeyLimits {
    requestsPerMinute = requestsPerMinute == null ? Optional.empty() : requestsPerMinute;
    requestsPerDay = requestsPerDay == null ? Optional.empty() : requestsPerDay;
    concurrentRequests = concurrentRequests == null ? Optional.empty() : concurrentRequests;
    unitsPerMinute = unitsPerMinute == null ? List.of() : List.copyOf(unitsPerMinute);
    caps = caps == null ? List.of() : List.copyOf(caps);
    requireNotNegative("requests_per_minute", requestsPerMinute);
    requireNotNegative("requests_per_day", requestsPerDay);
    requireNotNegative("concurrent_requests", concurrentRequests);
    if (unitsPerMinute.stream().map(UnitRate::unit).distinct().count() != unitsPerMinute.size()) {
      throw new InvalidInput("units_per_minute must name each unit at most once");
    }
    if (caps.stream().map(cap -> cap.what() + "/" + cap.window()).distinct().count()
        != caps.size()) {
      throw new InvalidInput("caps must name each unit and window at most once");
    }
  }

  /** The lower of two sets of limits, limit by limit; a limit absent in both stays absent. */
  public KeyLimits tightest(KeyLimits other) {
    Map<String, UnitRate> rates = new LinkedHashMap<>();
    Map<String, Cap> smallest = new LinkedHashMap<>();
    for (KeyLimits limits : List.of(this, other)) {
      limits.unitsPerMinute.forEach(
          rate ->
              rates.merge(rate.unit(), rate, (one, two) -> one.limit() <= two.limit() ? one : two));
      limits.caps.forEach(
          cap ->
              smallest.merge(
                  cap.what() + "/" + cap.window(),
                  cap,
                  (one, two) -> one.limit() <= two.limit() ? one : two));
    }
    return new KeyLimits(
        smaller(requestsPerMinute, other.requestsPerMinute),
        smaller(requestsPerDay, other.requestsPerDay),
        smaller(concurrentRequests, other.concurrentRequests),
        List.copyOf(rates.values()),
        List.copyOf(smallest.values()));
  }

  private static Optional<Long> smaller(Optional<Long> one, Optional<Long> two) {
    return one.isPresent() && two.isPresent()
        ? Optional.of(Math.min(one.get(), two.get()))
        : one.or(() -> two);
  }

  private static void requireNotNegative(String name, Optional<Long> value) {
    if (value.isPresent() && value.get() < 0) {
      throw new InvalidInput(name + " must be a whole number of at least 0");
    }
  }
}
