package io.naap.clearinghouse.reconciliation;

import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;

/** The differences between metering and the ledger that stand, as lines of a report. */
final class ChargeDifferences {
  private ChargeDifferences() {}

  static List<ReconciliationReport.Difference> lines(Tx tx) {
    List<ReconciliationReport.Difference> lines = new ArrayList<>();
    for (Row row :
        tx.query(
            """
            select kind, count(*) n, (array_agg(usage_event_id order by usage_event_id))[1:5] examples,
              sum(coalesce(metered, 0) + coalesce(metered_sponsored, 0)
                - coalesce(booked, 0) - coalesce(booked_sponsored, 0))::bigint amount
            from charge_difference where healed_at is null group by kind order by kind""")) {
      lines.add(
          new ReconciliationReport.Difference(
              switch (row.getString("kind")) {
                case "missing" -> "metered charges that the ledger does not have";
                case "amount" -> "charges that the ledger has with another amount than metering";
                default -> "charges of the ledger that metering does not have";
              },
              NanoUsd.ofNanos(row.getLong("amount")).toString(),
              NanoUsd.CURRENCY,
              row.getLong("n")
                  + " usage events, such as "
                  + String.join(", ", row.getArrayOfStrings("examples"))));
    }
    Row waiting =
        tx.one(
                """
                select count(*) n, min(span_from)::text since, coalesce(sum(amount + sponsored), 0)::bigint amount
                from charge_span where arrived_at < now() - interval '30 seconds'""")
            .orElseThrow();
    if (waiting.getLong("n") > 0) {
      lines.add(
          new ReconciliationReport.Difference(
              "charges that are being compared with metering",
              NanoUsd.ofNanos(waiting.getLong("amount")).toString(),
              NanoUsd.CURRENCY,
              "the sums of %d spans differ, the first from %s; they are compared charge by charge"
                  .formatted(waiting.getLong("n"), waiting.getString("since"))));
    }
    tx.one("select entries, since::text since from metering_unstored where entries > 0")
        .ifPresent(
            row ->
                lines.add(
                    new ReconciliationReport.Difference(
                        "usage that metering could not store, so that nobody pays it",
                        row.getLong("entries").toString(),
                        "entries",
                        "the oldest came at %s: repair and replay them, GET /v1/usage/dead-letters"
                            .formatted(row.getString("since")))));
    return lines;
  }
}
