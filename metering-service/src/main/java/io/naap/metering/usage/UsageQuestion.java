package io.naap.metering.usage;

import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A validated query of usage.
 *
 * @param groupBy the columns to group by, in the order given
 * @param cursor the end of the page before
 */
public record UsageQuestion(
    Instant from,
    Instant to,
    String granularity,
    List<String> groupBy,
    Filters filters,
    int limit,
    Optional<String> cursor) {
  public static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);
  private static final Duration DEFAULT_RANGE = Duration.ofDays(30);
  private static final Set<String> GRANULARITIES = Set.of("total", "minute", "hour", "day");

  /** The filters of a query. Absent parts restrict nothing. */
  public record Filters(
      Optional<String> tenantId,
      Optional<String> keyId,
      Optional<String> capability,
      Optional<String> model,
      Optional<String> tier,
      Optional<String> outcome,
      Optional<Integer> status,
      Optional<String> tag) {
    boolean areOnlyTenantAndTag() {
      return keyId.isEmpty()
          && capability.isEmpty()
          && model.isEmpty()
          && tier.isEmpty()
          && outcome.isEmpty()
          && status.isEmpty();
    }

    Filters withoutTag() {
      return new Filters(
          tenantId, keyId, capability, model, tier, outcome, status, Optional.empty());
    }
  }

  static List<String> groups(String groupBy) {
    Set<String> groups = new LinkedHashSet<>();
    if (groupBy == null || groupBy.isBlank()) {
      return List.of();
    }
    for (String name : groupBy.split(",", -1)) {
      groups.add(
          switch (name.strip()) {
            case "capability" -> "capability";
            case "model" -> "model";
            case "key", "key_id" -> "key_id";
            case "tier" -> "tier";
            case "status" -> "status";
            case "outcome" -> "outcome";
            case "tenant", "tenant_id" -> "tenant_id";
            case "tag" -> "tag";
            default ->
                throw Refusal.invalid(
                        "group_by takes capability, model, key, tier, status, outcome, tenant and tag")
                    .raise();
          });
    }
    return List.copyOf(groups);
  }

  static String granularity(String granularity) {
    String given = granularity == null ? "total" : granularity;
    if (!GRANULARITIES.contains(given)) {
      throw Refusal.invalid("granularity is total, minute, hour or day").raise();
    }
    return given;
  }

  /** Parses the start of the range; thirty days before its end when absent. */
  public static Instant from(String from, Instant to) {
    Instant given = from == null ? to.minus(DEFAULT_RANGE) : instant("from", from);
    if (!given.isBefore(to)) {
      throw Refusal.invalid("from must be before to").raise();
    }
    return given;
  }

  /** Parses the end of the range; the end of the current minute when absent. */
  public static Instant to(String to, Clock clock) {
    return to == null
        ? clock.instant().truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES)
        : instant("to", to);
  }

  private static Instant instant(String name, String text) {
    try {
      Instant instant =
          text.length() == 10 ? Instant.parse(text + "T00:00:00Z") : Instant.parse(text);
      if (instant.isBefore(Instant.EPOCH)
          || instant.isAfter(Instant.parse("2200-01-01T00:00:00Z"))) {
        throw Refusal.invalid(name + " is out of range").raise();
      }
      return instant;
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid(
              name
                  + " is a day such as 2026-11-23 or an instant such as 2026-11-23T10:00:00Z, in UTC")
          .raise();
    }
  }

  public static int limit(Integer limit) {
    return PageRequest.of(SIZES, limit, null, 1).size();
  }
}
