package io.naap.metering.partition;

import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Creates the daily partitions of usage events in Postgres ahead of time, and deletes what is older
 * than the configured retention.
 */
@ApplicationScoped
public class Partitions implements Job {
  private static final Logger LOG = Logger.getLogger(Partitions.class);
  private static final int DAYS_AHEAD = 8;
  private static final int ROWS = 20_000;

  private final Transactions transactions;
  private final RetentionConfig config;
  private final Clock clock;

  public Partitions(Transactions transactions, RetentionConfig config, Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "partitions";
  }

  @Override
  public Duration every() {
    return Duration.ofMinutes(10);
  }

  @Override
  public void run() {
    LocalDate today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
    for (int day = -1; day <= DAYS_AHEAD; day++) {
      LocalDate made = today.plusDays(day);
      transactions.run(tx -> tx.query("select usage_partition($1)", made));
    }
    config.events().ifPresent(kept -> dropBefore(today.minus(kept)));
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    delete("usage_minute", "bucket", now.minus(config.minutes()));
    delete("usage_hour", "bucket", now.minus(config.hours()));
    delete("request_log", "at", now.minus(config.requests()));
    delete("idempotency", "created_at", now.minusDays(2));
    delete("webhook_delivery", "created_at", now.minus(config.deliveries()));
  }

  /**
   * Drops partitions of whole days, and only when every tenant with usage on the day has it on a
   * final invoice. An event of such a day that arrives again is quarantined by {@link Ingest}, as
   * nobody can tell any more whether it was stored.
   */
  private void dropBefore(LocalDate day) {
    List<String> old =
        transactions.run(
            tx ->
                tx
                    .query(
                        """
                        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                        where i.inhparent = 'usage_event'::regclass and c.relname ~ '^usage_event_[0-9]{8}$'
                          and to_date(right(c.relname, 8), 'YYYYMMDD') < $1
                          and not exists (select 1 from usage_day d left join tenant_account a using (tenant_id)
                            where d.bucket = to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp at time zone 'UTC'
                              and (a.invoiced_through is null or a.invoiced_through <= d.bucket))
                        order by 1""",
                        day)
                    .stream()
                    .map(row -> row.getString(0))
                    .toList());
    for (String partition : old) {
      transactions.run(
          tx -> {
            tx.change(
                "insert into usage_horizon (before) values (to_date($1, 'YYYYMMDD') + 1)"
                    + " on conflict (single) do update set before = greatest(usage_horizon.before, excluded.before)",
                partition.substring(partition.length() - 8));
            return tx.change("drop table if exists " + partition);
          });
      LOG.infof("usage events rolled off, partition=%s", partition);
    }
  }

  private void delete(String table, String column, OffsetDateTime before) {
    int gone;
    do {
      gone =
          transactions.run(
              tx ->
                  tx.change(
                      "delete from %1$s where ctid = any(array(select ctid from %1$s where %2$s < $1 limit %3$d))"
                          .formatted(table, column, ROWS),
                      before));
    } while (gone == ROWS);
  }
}
