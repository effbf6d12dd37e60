package io.naap.router.limit;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.KeyLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * One limit that a job must fit in, such as 60 requests per minute of a key.
 *
 * @param what the unit or {@code nano_usd}; empty for limits that count requests
 * @param local counted in this router alone, never in Redis
 */
public record Policy(Owner owner, Kind kind, String what, long limit, boolean local) {
  /** Lua counts exactly below this. */
  public static final long MAX = 1L << 52;

  private static final long DAY_SECONDS = 86_400;

  Policy(Owner owner, Kind kind, String what, long limit) {
    this(owner, kind, what, Math.min(limit, MAX), false);
  }

  /** Whose limit it is. A tenant's and a plan's are counted over all keys of the tenant. */
  public enum Owner {
    KEY,
    TENANT,
    PLAN
  }

  /** What is limited, over which window. */
  public enum Kind {
    RPM,
    RPD,
    CONCURRENT,
    /** Units in any minute. */
    MINUTE,
    DAY,
    MONTH,
    LIFETIME;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Kind of(Cap.Window window) {
      return switch (window) {
        case DAY -> DAY;
        case MONTH -> MONTH;
        case LIFETIME -> LIFETIME;
      };
    }
  }

  /** The limits of one owner. */
  static List<Policy> of(Owner owner, KeyLimits limits) {
    List<Policy> policies = new ArrayList<>();
    limits
        .requestsPerMinute()
        .ifPresent(limit -> policies.add(new Policy(owner, Kind.RPM, "", limit)));
    limits
        .requestsPerDay()
        .ifPresent(limit -> policies.add(new Policy(owner, Kind.RPD, "", limit)));
    limits
        .concurrentRequests()
        .ifPresent(limit -> policies.add(new Policy(owner, Kind.CONCURRENT, "", limit)));
    limits
        .unitsPerMinute()
        .forEach(rate -> policies.add(new Policy(owner, Kind.MINUTE, rate.unit(), rate.limit())));
    limits
        .caps()
        .forEach(
            cap -> policies.add(new Policy(owner, Kind.of(cap.window()), cap.what(), cap.limit())));
    return policies;
  }

  /**
   * Its name in headers and refusals: {@code key-rpm}, {@code tenant-month-usd}, {@code
   * plan-minute-pixels}.
   */
  String name() {
    String name = owner.name().toLowerCase(Locale.ROOT) + "-" + kind.wireName();
    return what.isEmpty()
        ? name
        : name + "-" + (what.equals(Cap.MONEY) ? "usd" : what.replace('_', '-'));
  }

  OptionalLong windowSeconds() {
    return switch (kind) {
      case RPM, MINUTE -> OptionalLong.of(60);
      case RPD, DAY -> OptionalLong.of(DAY_SECONDS);
      case MONTH -> OptionalLong.of(30 * DAY_SECONDS);
      case CONCURRENT, LIFETIME -> OptionalLong.empty();
    };
  }
}
