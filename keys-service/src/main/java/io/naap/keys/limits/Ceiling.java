package io.naap.keys.limits;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.problem.InvalidInput;
import java.util.Optional;

/**
 * Limits over all keys of a tenant. An absent limit does not restrict.
 *
 * @param keysMax the most keys of the tenant
 */
public record Ceiling(KeyLimits limits, Optional<Long> keysMax) {
  static final Ceiling NONE = new Ceiling(KeyLimits.NONE, Optional.empty());

  public Ceiling {
    limits = limits == null ? KeyLimits.NONE : limits;
    keysMax = keysMax == null ? Optional.empty() : keysMax;
    if (keysMax.isPresent() && keysMax.get() < 0) {
      throw new InvalidInput("keys_max must be a whole number of at least 0");
    }
  }

  Ceiling tightest(Ceiling other) {
    return new Ceiling(
        limits.tightest(other.limits),
        keysMax.isPresent() && other.keysMax.isPresent()
            ? Optional.of(Math.min(keysMax.get(), other.keysMax.get()))
            : keysMax.or(() -> other.keysMax));
  }

  /** The name of the first limit that exceeds the ceiling's; empty when none does. */
  Optional<String> above(Ceiling ceiling) {
    KeyLimits most = ceiling.limits;
    if (isAbove(limits.requestsPerMinute(), most.requestsPerMinute())) {
      return Optional.of("requests_per_minute");
    }
    if (isAbove(limits.requestsPerDay(), most.requestsPerDay())) {
      return Optional.of("requests_per_day");
    }
    if (isAbove(limits.concurrentRequests(), most.concurrentRequests())) {
      return Optional.of("concurrent_requests");
    }
    if (isAbove(keysMax, ceiling.keysMax)) {
      return Optional.of("keys_max");
    }
    for (UnitRate rate : limits.unitsPerMinute()) {
      for (UnitRate other : most.unitsPerMinute()) {
        if (rate.unit().equals(other.unit()) && rate.limit() > other.limit()) {
          return Optional.of("units_per_minute of " + rate.unit());
        }
      }
    }
    for (Cap cap : limits.caps()) {
      for (Cap other : most.caps()) {
        if (cap.what().equals(other.what())
            && cap.window() == other.window()
            && cap.limit() > other.limit()) {
          return Optional.of("the cap of " + cap.what() + " per " + cap.window().wireName());
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isAbove(Optional<Long> limit, Optional<Long> most) {
    return limit.isPresent() && most.isPresent() && limit.get() > most.get();
  }
}
