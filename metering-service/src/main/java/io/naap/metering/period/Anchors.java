package io.naap.metering.period;

import io.naap.contracts.problem.InvalidInput;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The anchor days of a tenant: the days of the month at which its billing periods begin, each with
 * the instant from which it applies. A change applies from the end of the current period on, so no
 * period that has begun changes and only the next one may be shorter than a month.
 *
 * @param all the anchors, the earliest first, at least one
 */
public record Anchors(List<Anchor> all) {
  /** The columns of {@code tenant_account} that hold the anchors. */
  public static final String COLUMNS = "anchor_from, anchor_days";

  private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

  /** The anchors of a tenant without an account: calendar months. */
  public static final Anchors CALENDAR = of(1);

  /**
   * One anchor day.
   *
   * @param from the instant from which it applies; a period begins there
   * @param day the day of the month, 1 to 31
   */
  public record Anchor(Instant from, int day) {}

  public Anchors {
    all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new InvalidInput("there is always a day");
    }
  }

  /** Makes anchors with one day that applies at all times. */
  public static Anchors of(int day) {
    return new Anchors(List.of(new Anchor(BEGINNING, day)));
  }

  /** Reads anchors from a row with {@link #COLUMNS}. */
  public static Anchors of(Row row) {
    OffsetDateTime[] from = row.getArrayOfOffsetDateTimes("anchor_from");
    Integer[] days = row.getArrayOfIntegers("anchor_days");
    List<Anchor> all = new ArrayList<>();
    for (int at = 0; at < from.length; at++) {
      all.add(new Anchor(from[at].toInstant(), days[at]));
    }
    return new Anchors(all);
  }

  /** Reads a tenant's anchors from Postgres; calendar months when it has no account. */
  public static Anchors of(Tx tx, String tenantId) {
    return tx.one("select " + COLUMNS + " from tenant_account where tenant_id = $1", tenantId)
        .map(Anchors::of)
        .orElse(CALENDAR);
  }

  /** The billing period that contains an instant. */
  public Period period(Instant at) {
    int place = place(at);
    Anchor anchor = all.get(place);
    Period month = Period.of(anchor.day, at);
    Instant start = month.start().isBefore(anchor.from) ? anchor.from : month.start();
    boolean ends = place + 1 < all.size() && all.get(place + 1).from.isBefore(month.end());
    return new Period(
        start,
        ends ? all.get(place + 1).from : month.end(),
        Duration.between(month.start(), month.end()));
  }

  private int place(Instant at) {
    int place = 0;
    while (place + 1 < all.size() && !at.isBefore(all.get(place + 1).from)) {
      place++;
    }
    return place;
  }

  /** The anchor day that applies at an instant. */
  public int day(Instant at) {
    return all.get(place(at)).day;
  }

  /** The next anchor that begins to apply after an instant. */
  public Optional<Anchor> after(Instant at) {
    return place(at) + 1 < all.size() ? Optional.of(all.get(place(at) + 1)) : Optional.empty();
  }

  /**
   * Returns anchors with another day from the end of the period that contains {@code now}. A change
   * that has not begun to apply is dropped.
   */
  public Anchors changed(int day, Instant now) {
    List<Anchor> changed = new ArrayList<>(all.subList(0, place(now) + 1));
    Anchors begun = new Anchors(changed);
    if (begun.day(now) != day) {
      changed.add(new Anchor(begun.period(now).end(), day));
    }
    return new Anchors(changed);
  }

  /** The values for the column {@code anchor_from}. */
  public OffsetDateTime[] from() {
    return all.stream()
        .map(anchor -> anchor.from.atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  /** The values for the column {@code anchor_days}. */
  public Integer[] days() {
    return all.stream().map(Anchor::day).toArray(Integer[]::new);
  }
}
