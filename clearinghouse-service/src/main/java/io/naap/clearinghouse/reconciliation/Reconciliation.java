package io.naap.clearinghouse.reconciliation;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Revenue, network cost and margin per tenant and capability: the sums of the rows of the report by
 * day.
 */
@ApplicationScoped
class Reconciliation {
  private final Ledger ledger;
  private final EtherPrice etherPrice;

  Reconciliation(Ledger ledger, EtherPrice etherPrice) {
    this.ledger = ledger;
    this.etherPrice = etherPrice;
  }

  private record Group(String tenantId, String capability) {
    static final Comparator<Group> ORDER =
        Comparator.comparing(Group::tenantId).thenComparing(Group::capability);
  }

  private record Found(RevenueAndCost sums, List<ReconciliationReport.Difference> differences) {}

  ReconciliationReport report(
      Instant from, Instant to, Optional<String> tenantId, int limit, int offset) {
    Found found =
        ledger.read(
            tx ->
                new Found(
                    RevenueAndCost.of(
                        tx, from.atOffset(ZoneOffset.UTC), to.atOffset(ZoneOffset.UTC)),
                    ChargeDifferences.lines(tx)));
    Map<Group, ReconciliationReport.Figures> groups = new TreeMap<>(Group.ORDER);
    ReconciliationReport.Figures totals = ReconciliationReport.Figures.NONE;
    for (Map.Entry<RevenueAndCost.Key, RevenueAndCost.Sums> one : found.sums().rows().entrySet()) {
      if (tenantId.isPresent() && !tenantId.get().equals(one.getKey().tenantId())) {
        continue;
      }
      Wei cost = new Wei(one.getValue().cost());
      // Rounded as in the report by day, so that both show the same sums.
      NanoUsd costUsd = dollars(cost);
      NanoUsd revenue = one.getValue().revenue();
      totals = totals.plus(revenue, cost, costUsd);
      groups.merge(
          new Group(one.getKey().tenantId(), one.getKey().capability()),
          ReconciliationReport.Figures.NONE.plus(revenue, cost, costUsd),
          (before, more) -> before.plus(more.revenue(), more.networkCost(), more.networkCostUsd()));
    }
    List<ReconciliationReport.Unattributed> unattributed = new ArrayList<>();
    if (tenantId.isEmpty()) {
      for (Map.Entry<String, BigInteger> one : found.sums().unattributed().entrySet()) {
        Wei cost = new Wei(one.getValue());
        totals = totals.plus(NanoUsd.ZERO, cost, dollars(cost));
        unattributed.add(new ReconciliationReport.Unattributed(one.getKey(), cost, dollars(cost)));
      }
    }
    List<ReconciliationReport.Row> rows =
        groups.entrySet().stream()
            .map(
                one ->
                    new ReconciliationReport.Row(
                        one.getKey().tenantId(),
                        one.getKey().capability(),
                        one.getValue().revenue(),
                        one.getValue().networkCost(),
                        one.getValue().networkCostUsd(),
                        one.getValue().margin()))
            .toList();
    int end = Math.min(rows.size(), offset + limit);
    return new ReconciliationReport(
        from,
        to,
        etherPrice.dollarsPerEther().map(BigDecimal::toPlainString).orElse("unknown"),
        totals,
        unattributed,
        found.differences(),
        rows.subList(Math.min(offset, rows.size()), end),
        end < rows.size() ? "o" + end : null);
  }

  private NanoUsd dollars(Wei wei) {
    return etherPrice.dollars(wei).orElse(NanoUsd.ZERO);
  }
}
