package io.naap.metering.cost;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operator's price list for what jobs cost it on the network, by pool and capability. It uses
 * the same charges and rating code as tenants' prices, so that each stored event has a revenue and
 * a cost.
 */
@ApplicationScoped
public class CostBook {
  private static final Duration KEPT = Duration.ofSeconds(5);

  private final Clock clock;
  private volatile Known known = new Known(Instant.EPOCH, List.of());

  CostBook(Clock clock) {
    this.clock = clock;
  }

  /**
   * One entry of the cost book: a charge, and the pool it applies to.
   *
   * @param pool the pool it applies to; absent for every pool
   * @param charge a charge whose price depends on the job alone, not on the period
   */
  public record Entry(Optional<String> pool, Charge charge) {
    public Entry {
      pool = pool == null ? Optional.empty() : pool;
      if (charge == null || new Plan("", 1, "", List.of(charge)).dependsOnPosition()) {
        throw new InvalidInput("a cost depends on the job alone: no tiers, no packages");
      }
    }
  }

  /**
   * A version of the cost book.
   *
   * @param effectiveFrom the version applies to jobs that end from this instant on
   */
  public record Version(int version, Instant effectiveFrom, List<Entry> entries) {
    public Version {
      entries = List.copyOf(entries);
    }
  }

  /** The entries of a version as they are stored in Postgres, at most 1000. */
  public record Entries(List<Entry> entries) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public Entries {
      entries = entries == null ? List.of() : List.copyOf(entries);
      if (entries.size() > 1_000) {
        throw new InvalidInput("a cost book has at most 1000 entries");
      }
    }
  }

  private record Known(Instant readAt, List<Version> versions) {}

  /**
   * Returns what an event costs the operator, in nano-dollars; null when the version in force at
   * the event's time has no price for it.
   */
  public Long of(Tx tx, UsageRecorded event) {
    for (Version version : versions(tx)) {
      if (!event.occurredAt().isBefore(version.effectiveFrom())) {
        return of(version, event);
      }
    }
    return null;
  }

  private static Long of(Version version, UsageRecorded event) {
    List<Charge> charges =
        version.entries().stream()
            .filter(entry -> entry.pool().isEmpty() || entry.pool().get().equals(event.pool()))
            .map(Entry::charge)
            .toList();
    try {
      return switch (Rating.rate(
          new Plan("", 1, "", charges), event.capability(), event.model(), event.units())) {
        case Rated.Priced priced -> priced.total().nanos();
        case Rated.NoPrice none -> null;
      };
    } catch (ArithmeticException outOfRange) {
      return null;
    }
  }

  /** Returns all versions, the newest first, from a copy that is read again after five seconds. */
  public List<Version> versions(Tx tx) {
    Known now = known;
    if (now.readAt.plus(KEPT).isBefore(clock.instant())) {
      List<Version> versions = new ArrayList<>();
      for (Row row :
          tx.query(
              "select version, effective_from, entries::text entries from cost_book_version"
                  + " order by effective_from desc, version desc limit 1000")) {
        versions.add(
            new Version(
                row.getInteger("version"),
                row.getOffsetDateTime("effective_from").toInstant(),
                entries(row.getString("entries"))));
      }
      now = new Known(clock.instant(), List.copyOf(versions));
      known = now;
    }
    return now.versions;
  }

  /** Stores a new version, in force from {@code effectiveFrom} on. */
  Version add(Tx tx, Entries entries, Instant effectiveFrom) {
    String whole = text(entries);
    int version =
        tx.one(
                "insert into cost_book_version (version, effective_from, entries)"
                    + " select coalesce(max(version), 0) + 1, $1, $2::text::jsonb from cost_book_version"
                    + " returning version",
                effectiveFrom.atOffset(ZoneOffset.UTC),
                whole.substring(whole.indexOf('['), whole.lastIndexOf(']') + 1))
            .orElseThrow()
            .getInteger(0);
    known = new Known(Instant.EPOCH, List.of());
    return new Version(version, effectiveFrom, entries.entries());
  }

  private static List<Entry> entries(String text) {
    return Json.read("{\"entries\":" + text + "}", Entries.class).entries();
  }

  private static String text(Entries entries) {
    return Json.write(entries);
  }
}
