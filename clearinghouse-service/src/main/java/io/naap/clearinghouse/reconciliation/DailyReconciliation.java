package io.naap.clearinghouse.reconciliation;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.settlement.Settlement;
import io.naap.clearinghouse.treasury.Treasury;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Revenue, cost and margin by tenant, capability, pool and day, and every difference by name: the
 * rows and the differences together add up to the ledger.
 */
@ApplicationScoped
class DailyReconciliation {
  private final Ledger ledger;
  private final EtherPrice etherPrice;
  private final Settlement settlement;
  private final Treasury treasury;

  DailyReconciliation(
      Ledger ledger, EtherPrice etherPrice, Settlement settlement, Treasury treasury) {
    this.ledger = ledger;
    this.etherPrice = etherPrice;
    this.settlement = settlement;
    this.treasury = treasury;
  }

  ReconciliationReport.Days report(Instant from, Instant to) {
    return ledger.read(
        tx -> report(tx, from, to, from.atOffset(ZoneOffset.UTC), to.atOffset(ZoneOffset.UTC)));
  }

  private ReconciliationReport.Days report(
      Tx tx, Instant from, Instant to, OffsetDateTime begin, OffsetDateTime end) {
    RevenueAndCost found = RevenueAndCost.of(tx, begin, end);
    ReconciliationReport.Figures totals = ReconciliationReport.Figures.NONE;
    List<ReconciliationReport.Daily> data = new ArrayList<>();
    for (Map.Entry<RevenueAndCost.Key, RevenueAndCost.Sums> row : found.rows().entrySet()) {
      Wei cost = new Wei(row.getValue().cost());
      NanoUsd costUsd = dollars(cost);
      totals = totals.plus(row.getValue().revenue(), cost, costUsd);
      data.add(
          new ReconciliationReport.Daily(
              row.getKey().day(),
              row.getKey().tenantId(),
              row.getKey().capability(),
              row.getKey().pool(),
              new ReconciliationReport.Money(
                  row.getValue().revenue(),
                  row.getValue().sponsored(),
                  cost,
                  costUsd,
                  row.getValue().revenue().minus(costUsd))));
    }
    for (BigInteger cost : found.unattributed().values()) {
      totals = totals.plus(NanoUsd.ZERO, new Wei(cost), dollars(new Wei(cost)));
    }
    return new ReconciliationReport.Days(
        from,
        to,
        etherPrice.dollarsPerEther().map(BigDecimal::toPlainString).orElse("unknown"),
        totals,
        new Wei(found.expectedValue()),
        new Wei(redeemed(tx, begin, end)),
        differences(tx, begin, end, found.unattributed()),
        data);
  }

  private NanoUsd dollars(Wei wei) {
    return etherPrice.dollars(wei).orElse(NanoUsd.ZERO);
  }

  /** The amounts that are in no row, each with its name and reason. */
  private List<ReconciliationReport.Difference> differences(
      Tx tx, OffsetDateTime begin, OffsetDateTime end, Map<String, BigInteger> unattributed) {
    List<ReconciliationReport.Difference> differences = new ArrayList<>();
    unattributed.forEach(
        (gateway, cost) ->
            differences.add(
                new ReconciliationReport.Difference(
                    "unattributed tickets of " + gateway,
                    cost.toString(),
                    "wei",
                    "signed for this gateway on days when no live time of any tenant was metered on it")));
    Row stranded =
        tx.one(
                """
                select
                  coalesce(sum(a.balance) filter (where a.kind = 'held'), 0)::bigint held,
                  coalesce(sum(a.balance) filter (where a.kind = 'set_aside' and f.closed_at is not null),
                    0)::bigint closed
                from account a left join funding f on f.id = a.owner and a.kind = 'set_aside'""")
            .orElseThrow();
    add(
        differences,
        "held by payment sessions",
        stranded.getLong("held"),
        "tenants' money in sessions of the signer; a quiet session gives it back");
    add(
        differences,
        "stranded in closed fundings",
        stranded.getLong("closed"),
        "set aside in an epoch that is over; should be nothing");
    differences.add(sessionBalances(tx, begin, end));
    differences.add(unposted(tx));
    chain(tx, begin, end, differences);
    differences.addAll(ChargeDifferences.lines(tx));
    return differences;
  }

  private static ReconciliationReport.Difference sessionBalances(
      Tx tx, OffsetDateTime begin, OffsetDateTime end) {
    Row sessions =
        tx.one(
                """
                select coalesce(sum(trunc(case when b.state::jsonb ->> 'Balance' ~ '/' then
                    split_part(b.state::jsonb ->> 'Balance', '/', 1)::numeric
                      / split_part(b.state::jsonb ->> 'Balance', '/', 2)::numeric
                    else (b.state::jsonb ->> 'Balance')::numeric end)), 0) v
                from signer_session s join ticket_batch b on b.state_id = s.state_id
                  and b.sequence = s.sequence
                where s.updated_at >= $1 and s.updated_at < $2 and b.state is not null""",
                begin,
                end)
            .orElseThrow();
    return new ReconciliationReport.Difference(
        "stranded session balances",
        sessions.getBigDecimal("v").toBigInteger().toString(),
        "wei",
        "paid to orchestrators ahead of use, in sessions last used in this time");
  }

  private static ReconciliationReport.Difference unposted(Tx tx) {
    Row unbooked =
        tx.one(
                "select coalesce(sum(b.expected_value), 0) v from ticket_unbooked u"
                    + " join ticket_batch b on b.id = u.batch_id")
            .orElseThrow();
    return new ReconciliationReport.Difference(
        "tickets not yet in the ledger",
        unbooked.getBigDecimal("v").toBigIntegerExact().toString(),
        "wei",
        "recorded and signed, booked within a second");
  }

  private static BigInteger redeemed(Tx tx, OffsetDateTime begin, OffsetDateTime end) {
    return tx.one(
            "select coalesce(sum(amount), 0) v from chain_event"
                + " where kind = 'transferred' and occurred_at >= $1 and occurred_at < $2",
            begin,
            end)
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }

  private void chain(
      Tx tx,
      OffsetDateTime begin,
      OffsetDateTime end,
      List<ReconciliationReport.Difference> differences) {
    Row strange =
        tx.one(
                """
                select coalesce(sum(e.amount), 0) v from chain_event e
                where e.kind = 'redeemed' and e.occurred_at >= $1 and e.occurred_at < $2
                  and not exists (select 1 from ticket_batch b
                    where b.recipient_rand_hash = e.recipient_rand_hash
                      and e.sender_nonce between b.first_nonce and b.last_nonce)""",
                begin,
                end)
            .orElseThrow();
    differences.add(
        new ReconciliationReport.Difference(
            "redeemed tickets that are not in our record",
            strange.getBigDecimal("v").toBigIntegerExact().toString(),
            "wei",
            "face value; signed before this record began, or by another signer with our key"));
    settlement
        .compared()
        .ifPresent(
            one -> {
              differences.add(
                  new ReconciliationReport.Difference(
                      "deposit beyond the ledger's",
                      one.deposit().toString(),
                      "wei",
                      "in the TicketBroker at block " + one.block() + "; should be nothing"));
              differences.add(
                  new ReconciliationReport.Difference(
                      "reserve beyond the ledger's",
                      one.reserve().toString(),
                      "wei",
                      "in the TicketBroker at block " + one.block() + "; should be nothing"));
            });
    for (Treasury.Unexplained one : treasury.unexplained()) {
      differences.add(
          new ReconciliationReport.Difference(
              "ether of the " + one.role().replace('_', ' ') + " beyond the ledger's",
              one.wei().toString(),
              "wei",
              "at %s, as of %s: what came or went without an intent of ours since it was opened"
                  .formatted(one.wallet(), one.at())));
    }
  }

  private static void add(
      List<ReconciliationReport.Difference> differences,
      String name,
      long nanos,
      String explanation) {
    differences.add(
        new ReconciliationReport.Difference(
            name, NanoUsd.ofNanos(nanos).toString(), "USD", explanation));
  }
}
