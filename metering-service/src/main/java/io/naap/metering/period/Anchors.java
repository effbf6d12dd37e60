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
 * The days of the month a tenant's periods begin at, and from when each holds. A change holds from
 * the end of a period on: the one after it may be short, and no period that began is touched.
 *
 * @param all the earliest first, at least one
 */
public record Anchors(List<Anchor> all) {
  /** The columns they are stored in, of {@code tenant_account}. */
  public static final String COLUMNS = "anchor_from, anchor_days";

  private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

  /** Who has none is billed by calendar month. */
  public static final Anchors CALENDAR = of(1);

  /**
   * One of them.
   *
   * @param from where a period begins
   * @param day of the month, 1 to 31
   */
  public record Anchor(Instant from, int day) {}

  public Anchors {
    all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new InvalidInput("there is always a day");
    }
  }

  /** One day, always. */
  public static Anchors of(int day) {
    return new Anchors(List.of(new Anchor(BEGINNING, day)));
  }

  /** As stored, with {@link #COLUMNS}. */
  public static Anchors of(Row row) {
    OffsetDateTime[] from = row.getArrayOfOffsetDateTimes("anchor_from");
    Integer[] days = row.getArrayOfIntegers("anchor_days");
    List<Anchor> all = new ArrayList<>();
    for (int at = 0; at < from.length; at++) {
      all.add(new Anchor(from[at].toInstant(), days[at]));
    }
    return new Anchors(all);
  }

  /** A tenant's. */
  public static Anchors of(Tx tx, String tenantId) {
    return tx.one("select " + COLUMNS + " from tenant_account where tenant_id = $1", tenantId)
        .map(Anchors::of)
        .orElse(CALENDAR);
  }

  /** The period an instant is in. */
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

  /** The day that holds at an instant. */
  public int day(Instant at) {
    return all.get(place(at)).day;
  }

  /** What comes after an instant. */
  public Optional<Anchor> after(Instant at) {
    return place(at) + 1 < all.size() ? Optional.of(all.get(place(at) + 1)) : Optional.empty();
  }

  /**
   * With another day from the end of the period an instant is in. A change that was still to come
   * is forgotten.
   */
  public Anchors changed(int day, Instant now) {
    List<Anchor> changed = new ArrayList<>(all.subList(0, place(now) + 1));
    Anchors begun = new Anchors(changed);
    if (begun.day(now) != day) {
      changed.add(new Anchor(begun.period(now).end(), day));
    }
    return new Anchors(changed);
  }

  /** For {@code anchor_from}. */
  public OffsetDateTime[] from() {
    return all.stream()
        .map(anchor -> anchor.from.atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  /** For {@code anchor_days}. */
  public Integer[] days() {
    return all.stream().map(Anchor::day).toArray(Integer[]::new);
  }
}
