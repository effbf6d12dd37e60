package io.naap.metering.comparison;

import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers the ledger's questions: sends the list of all charges of a time span, in parts of 500.
 */
@ApplicationScoped
class ChargeLists implements Job {
  private static final int PART = 500;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Ids ids;

  ChargeLists(Transactions transactions, Outbox outbox, Ids ids) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.ids = ids;
  }

  @Override
  public String name() {
    return "charge-lists";
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(2);
  }

  @Override
  public void run() {
    if (transactions.run(this::list)) {
      outbox.poke();
    }
  }

  /**
   * Answers one question per run, and only when the ledger has acknowledged every outbox row of
   * charges and fees that was written up to the question or the end of its span, whichever is
   * later.
   */
  private boolean list(Tx tx) {
    Optional<Row> question =
        tx.one(
            """
            select event_id, span_from, span_to from charge_question q
            where not exists (select 1 from outbox o where o.topic in ($1, $2)
              and o.created_at <= greatest(q.span_to, q.asked_at))
            order by span_from limit 1 for update skip locked""",
            Topic.CHARGES.stream(),
            Topic.FEES.stream());
    if (question.isEmpty()) {
      return false;
    }
    Instant from = question.get().getOffsetDateTime("span_from").toInstant();
    Instant to = question.get().getOffsetDateTime("span_to").toInstant();
    List<ChargesListed.Listed> all =
        tx
            .query(
                "select event_id, cost, sponsored from usage_event where "
                    + ChargeSums.CHARGED
                    + " order by event_id",
                ChargeSums.time(from),
                ChargeSums.time(to))
            .stream()
            .map(
                row ->
                    new ChargesListed.Listed(
                        row.getString("event_id"),
                        NanoUsd.ofNanos(row.getLong("cost")),
                        NanoUsd.ofNanos(row.getLong("sponsored"))))
            .toList();
    List<String> parts = new ArrayList<>();
    String after = "";
    int at = 0;
    do {
      List<ChargesListed.Listed> part = all.subList(at, Math.min(all.size(), at + PART));
      at += PART;
      Optional<String> upTo =
          at < all.size() ? Optional.of(part.getLast().usageEventId()) : Optional.empty();
      parts.add(Json.write(new ChargesListed(ids.next(IdKind.EVENT), from, to, after, upTo, part)));
      after = upTo.orElse(after);
    } while (at < all.size());
    // One outbox row per part: all parts in one row would exceed the size of a stream entry.
    parts.forEach(part -> outbox.add(tx, Topic.CHARGE_LISTS, List.of(part)));
    tx.change(
        "delete from charge_question where event_id = $1", question.get().getString("event_id"));
    return true;
  }
}
