package io.naap.metering.comparison;

import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.deadletter.DeadLetters;
import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Sums the charges of each ten-second span and sends the sums to the ledger, which compares them.
 */
@ApplicationScoped
class ChargeSums implements Job {
  private static final Duration SPAN = Duration.ofSeconds(10);

  /**
   * A span is summed this long after its end, so that its transactions have committed. If one takes
   * longer, the sums differ and the ledger asks for the list, which is complete by then.
   */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  /** After an outage up to this many spans are sent as one, so that the sums catch up. */
  private static final int MOST_SPANS = 60;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  ChargeSums(Transactions transactions, Outbox outbox, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "charge-sums";
  }

  @Override
  public Duration every() {
    return SPAN.dividedBy(2);
  }

  @Override
  public void run() {
    if (transactions.run(this::tell)) {
      outbox.poke();
    }
  }

  private boolean tell(Tx tx) {
    Instant from =
        tx.one("select told_through from charge_comparison for update")
            .orElseThrow()
            .getOffsetDateTime(0)
            .toInstant();
    Instant settled = clock.instant().minus(SETTLED);
    if (from.plus(SPAN).isAfter(settled)) {
      return false;
    }
    Instant most = from.plus(SPAN.multipliedBy(MOST_SPANS));
    long spans = Duration.between(from, settled.isBefore(most) ? settled : most).dividedBy(SPAN);
    Instant to = from.plus(SPAN.multipliedBy(spans));
    tx.query(
        "select brin_summarize_new_values(inhrelid) from pg_inherits"
            + " where inhparent = 'usage_event_received'::regclass");
    Row sums =
        tx.one(
                "select count(*) n, coalesce(sum(cost), 0)::int8 amount,"
                    + " coalesce(sum(sponsored), 0)::int8 sponsored from usage_event where "
                    + CHARGED,
                time(from),
                time(to))
            .orElseThrow();
    DeadLetters.Open unstored = DeadLetters.open(tx);
    outbox.add(
        tx,
        Topic.CHARGE_SUMS,
        List.of(
            Json.write(
                new ChargesSummed(
                    ids.next(IdKind.EVENT),
                    from,
                    to,
                    sums.getLong("n"),
                    NanoUsd.ofNanos(sums.getLong("amount")),
                    NanoUsd.ofNanos(sums.getLong("sponsored")),
                    unstored.entries(),
                    unstored.oldest()))));
    tx.change("update charge_comparison set told_through = $1", time(to));
    return true;
  }

  /**
   * SQL condition: events received from $1 up to, not including, $2 that the ledger was sent as a
   * charge or as the reversal of one.
   */
  static final String CHARGED =
      "received_at >= $1 and received_at < $2 and state <> 'quarantined'"
          + " and (cost <> 0 or sponsored <> 0)";

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
