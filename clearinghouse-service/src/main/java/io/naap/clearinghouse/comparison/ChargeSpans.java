package io.naap.clearinghouse.comparison;

import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;

/** The tables of the comparison, and the ledger's sums. */
final class ChargeSpans {
  private static final int MOST = 200;

  /** The booked charges that were rated in a span, from $1 to $2. */
  private static final String BOOKED =
      """
      select usage_event_id as id, amount, sponsored from charge
      where rated_at >= $1 and rated_at < $2 and (amount <> 0 or sponsored <> 0)
      union all
      select usage_event_id || '-r', -amount, -sponsored from job_refund
      where rated_at >= $1 and rated_at < $2 and (amount <> 0 or sponsored <> 0)""";

  /** Charges by id, $3, whenever they were rated. */
  private static final String BY_ID =
      """
      select usage_event_id as id, amount, sponsored from charge where usage_event_id = any(%1$s)
      union all
      select usage_event_id || '-r', -amount, -sponsored from job_refund
      where usage_event_id = any(select left(i, -2) from unnest(%1$s) i where i like '%%-r')""";

  private ChargeSpans() {}

  /** The sums of metering for a span of time. */
  record Span(
      Instant from,
      Instant to,
      long charges,
      NanoUsd amount,
      NanoUsd sponsored,
      Duration waited,
      boolean asked,
      boolean askAgain) {}

  /** A charge on which metering and the ledger differ. */
  record Difference(
      String usageEventId,
      Kind kind,
      Long metered,
      Long meteredSponsored,
      Long booked,
      Long bookedSponsored) {}

  enum Kind {
    MISSING,
    AMOUNT,
    UNKNOWN;

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  static void add(Tx tx, Collection<ChargesSummed> sums) {
    sums.forEach(
        one ->
            tx.send(
                "insert into charge_span (span_from, span_to, charges, amount, sponsored)"
                    + " values ($1, $2, $3, $4, $5) on conflict do nothing",
                time(one.from()),
                time(one.to()),
                one.charges(),
                one.amount().nanos(),
                one.sponsored().nanos()));
    for (ChargesSummed one : sums) {
      // The newest report counts, in whatever order they come.
      tx.send(
          """
          insert into metering_unstored as u (one, entries, since, told_at) values (true, $1, $2, $3)
          on conflict (one) do update set entries = excluded.entries, since = excluded.since,
            told_at = excluded.told_at where u.told_at < excluded.told_at""",
          one.unstored(),
          one.unstoredSince().map(ChargeSpans::time).orElse(null),
          time(one.to()));
    }
  }

  static List<Span> open(Tx tx, Duration again) {
    return tx
        .query(
            """
            select span_from, span_to, charges, amount, sponsored, asked_at is not null asked,
              coalesce(asked_at < now() - $1::bigint * interval '1 millisecond', false) ask_again,
              (extract(epoch from now() - arrived_at) * 1000)::bigint waited
            from charge_span order by span_from limit %d"""
                .formatted(MOST),
            again.toMillis())
        .stream()
        .map(
            row ->
                new Span(
                    instant(row, "span_from"),
                    instant(row, "span_to"),
                    row.getLong("charges"),
                    NanoUsd.ofNanos(row.getLong("amount")),
                    NanoUsd.ofNanos(row.getLong("sponsored")),
                    Duration.ofMillis(row.getLong("waited")),
                    row.getBoolean("asked"),
                    row.getBoolean("ask_again")))
        .toList();
  }

  static boolean isBooked(Tx tx, Span span) {
    Row row =
        tx.one(
                "select count(*) n, coalesce(sum(amount), 0)::bigint amount,"
                    + " coalesce(sum(sponsored), 0)::bigint sponsored from ("
                    + BOOKED
                    + ") b",
                time(span.from()),
                time(span.to()))
            .orElseThrow();
    return row.getLong("n") == span.charges()
        && row.getLong("amount") == span.amount().nanos()
        && row.getLong("sponsored") == span.sponsored().nanos();
  }

  static void done(Tx tx, Instant from, Instant to) {
    tx.change(
        "delete from charge_span where span_from = $1 and span_to = $2", time(from), time(to));
  }

  static void asked(Tx tx, Span span) {
    tx.change(
        "update charge_span set asked_at = now() where span_from = $1 and span_to = $2",
        time(span.from()),
        time(span.to()));
  }

  /** Compares a part of metering's list with the ledger, charge by charge. */
  static List<Difference> compare(Tx tx, ChargesListed part) {
    String[] ids =
        part.charges().stream().map(ChargesListed.Listed::usageEventId).toArray(String[]::new);
    return tx
        .query(
            """
            with listed as (
              select * from unnest($3::text[], $4::bigint[], $5::bigint[]) l(id, amount, sponsored)
            ), booked as (
              select * from (%s) s where s.id collate "C" > $6 and ($7::text is null or s.id collate "C" <= $7)
              union
              %s
            )
            select coalesce(l.id, b.id) id, l.amount metered, l.sponsored metered_sponsored,
              b.amount booked, b.sponsored booked_sponsored
            from listed l full join booked b on b.id = l.id
            where l.id is null or b.id is null or l.amount <> b.amount or l.sponsored <> b.sponsored
            order by 1"""
                .formatted(BOOKED, BY_ID.formatted("$3::text[]")),
            time(part.from()),
            time(part.to()),
            ids,
            part.charges().stream().map(one -> one.amount().nanos()).toArray(Long[]::new),
            part.charges().stream().map(one -> one.sponsored().nanos()).toArray(Long[]::new),
            part.after(),
            part.upTo().orElse(null))
        .stream()
        .map(ChargeSpans::difference)
        .toList();
  }

  private static Difference difference(Row row) {
    Long metered = row.getLong("metered");
    Long booked = row.getLong("booked");
    Kind kind = booked == null ? Kind.MISSING : metered == null ? Kind.UNKNOWN : Kind.AMOUNT;
    return new Difference(
        row.getString("id"),
        kind,
        metered,
        row.getLong("metered_sponsored"),
        booked,
        row.getLong("booked_sponsored"));
  }

  /** Stores a difference; false when it was stored before. */
  static boolean remember(Tx tx, Difference one) {
    return tx.change(
            """
            insert into charge_difference as d (usage_event_id, kind, metered, metered_sponsored, booked, booked_sponsored)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (usage_event_id) do update set kind = excluded.kind, metered = excluded.metered,
              metered_sponsored = excluded.metered_sponsored, booked = excluded.booked,
              booked_sponsored = excluded.booked_sponsored, found_at = now(), asked_at = now(), healed_at = null
            where d.healed_at is not null""",
            one.usageEventId(),
            one.kind().wireName(),
            one.metered(),
            one.meteredSponsored(),
            one.booked(),
            one.bookedSponsored())
        == 1;
  }

  /** Closes the differences of charges that the ledger has by now; returns their ids. */
  static List<String> heal(Tx tx) {
    return tx
        .query(
            """
            with open as (select usage_event_id id from charge_difference
              where healed_at is null and metered is not null order by kind <> 'missing', found_at limit 1000),
            booked as (%s)
            update charge_difference d set healed_at = now() from booked b
            where d.healed_at is null and b.id = d.usage_event_id and b.amount = d.metered
              and b.sponsored = d.metered_sponsored
            returning d.usage_event_id"""
                .formatted(BY_ID.formatted("array(select id from open)")))
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  /** The missing charges to be asked for again; marks them as asked for. */
  static List<String> askAgain(Tx tx, Duration again, int most) {
    return tx
        .query(
            """
            update charge_difference set asked_at = now() where usage_event_id in (
              select usage_event_id from charge_difference where healed_at is null and kind = 'missing'
                and asked_at < now() - $1::bigint * interval '1 millisecond'
              order by usage_event_id limit $2)
            returning usage_event_id""",
            again.toMillis(),
            (long) most)
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(Row row, String column) {
    return row.getOffsetDateTime(column).toInstant();
  }
}
