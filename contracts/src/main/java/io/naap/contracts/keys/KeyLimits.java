package io.naap.contracts.keys;

import java.util.List;
import java.util.Optional;

/**
 * Rates and caps. Absent means inherited, zero means nothing is allowed.
 *
 * @param requestsPerMinute at most so many requests start in any minute
 * @param requestsPerDay at most so many requests start in a UTC day
 * @param concurrentRequests at most so many run at once
 * @param caps at most one per unit and window
 */
public record KeyLimits(
    Optional<Long> requestsPerMinute,
    Optional<Long> requestsPerDay,
    Optional<Long> concurrentRequests,
    List<Cap> caps) {
  public static final KeyLimits NONE =
      new KeyLimits(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

  public KeyLimits {
    requestsPerMinute = requestsPerMinute == null ? Optional.empty() : requestsPerMinute;
    requestsPerDay = requestsPerDay == null ? Optional.empty() : requestsPerDay;
    concurrentRequests = concurrentRequests == null ? Optional.empty() : concurrentRequests;
    caps = caps == null ? List.of() : List.copyOf(caps);
    requireNotNegative("requests_per_minute", requestsPerMinute);
    requireNotNegative("requests_per_day", requestsPerDay);
    requireNotNegative("concurrent_requests", concurrentRequests);
    if (caps.stream().map(cap -> cap.what() + "/" + cap.window()).distinct().count()
        != caps.size()) {
      throw new IllegalArgumentException("caps must name each unit and window at most once");
    }
  }

  private static void requireNotNegative(String name, Optional<Long> value) {
    if (value.isPresent() && value.get() < 0) {
      throw new IllegalArgumentException(name + " must be a whole number of at least 0");
    }
  }
}
