package io.naap.metering.watermark;

import io.naap.contracts.events.Topic;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.json.Json;
import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves the watermark of each router's spool up to the last position without a gap before it, and
 * announces it to the router. Arrived positions are read and deleted in the same transaction, so
 * any number of replicas may run this.
 */
@ApplicationScoped
public class Watermarks implements Job {
  private static final int ROWS = 2_000;

  /** The id of a Postgres advisory lock, the same in every replica. */
  private static final long FOLDING_LOCK = 7219;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Clock clock;

  Watermarks(Transactions transactions, Outbox outbox, Clock clock) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "watermarks";
  }

  @Override
  public Duration every() {
    return Duration.ofMillis(250);
  }

  @Override
  public void run() {
    if (transactions.run(this::fold)) {
      outbox.poke();
    }
  }

  private boolean fold(Tx tx) {
    // Locked before the watermarks are read: a transaction that read them while another moves them
    // would move them back, and the positions that the other deleted would be lost.
    tx.query("select pg_advisory_xact_lock($1)", FOLDING_LOCK);
    // The positions seen, minus everything up to the new watermark, are the positions ahead of a
    // gap.
    List<Row> moved =
        tx.query(
            """
            with taken as (
              delete from spool_arrival where ctid = any(array(select ctid from spool_arrival limit %d for update skip locked))
              returning instance, positions
            ), arrived as (
              select instance, range_agg(positions) as positions from taken group by instance
            ), merged as (
              select a.instance, coalesce(s.committed, 0) as before,
                coalesce(s.ahead, '{}') + a.positions + int8multirange(int8range(0, coalesce(s.committed, 0) + 1)) as seen
              from arrived a left join spool s using (instance)
            ), reached as (
              select instance, before, seen,
                (select upper(r) - 1 from unnest(seen) r where lower(r) = 0) as committed
              from merged
            )
            insert into spool (instance, committed, ahead)
            select instance, committed, seen - int8multirange(int8range(0, committed + 1)) from reached
            order by instance
            on conflict (instance) do update set committed = excluded.committed, ahead = excluded.ahead
            returning instance, committed"""
                .formatted(ROWS));
    Instant now = clock.instant();
    List<String> announcements = new ArrayList<>();
    for (Row row : moved) {
      announcements.add(
          Json.write(new UsageCommitted(row.getString("instance"), row.getLong("committed"), now)));
    }
    outbox.add(tx, Topic.USAGE_COMMITTED, announcements);
    return !moved.isEmpty();
  }
}
