package io.naap.clearinghouse.reconciliation;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.price.PriceConfig;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Joins charges and tickets. A gateway does not say for whom it asks to be paid, so its tickets are
 * shared by the live milliseconds metered on it.
 */
@ApplicationScoped
class Reconciliation {
  private static final String LIVE = "live-video-to-video";
  private static final int WEI_DECIMALS = 18;

  private final Ledger ledger;
  private final BigDecimal ethUsd;

  Reconciliation(Ledger ledger, PriceConfig config) {
    this.ledger = ledger;
    this.ethUsd = config.ethUsd().orElse(BigDecimal.ZERO);
  }

  private record Group(String tenantId, String capability) {
    static final Comparator<Group> ORDER =
        Comparator.comparing(Group::tenantId).thenComparing(Group::capability);
  }

  private static final class Sums {
    private final Map<Group, NanoUsd> revenue = new TreeMap<>(Group.ORDER);
    private final Map<Group, BigInteger> cost = new TreeMap<>(Group.ORDER);
    private final Map<String, BigInteger> unattributed = new TreeMap<>();
  }

  ReconciliationReport report(
      Instant from, Instant to, Optional<String> tenantId, int limit, int offset) {
    Sums sums =
        ledger.read(tx -> sums(tx, from.atOffset(ZoneOffset.UTC), to.atOffset(ZoneOffset.UTC)));
    ReconciliationReport.Figures totals = ReconciliationReport.Figures.NONE;
    List<ReconciliationReport.Row> rows = new ArrayList<>();
    Map<Group, NanoUsd> groups = new TreeMap<>(Group.ORDER);
    sums.cost.keySet().forEach(group -> groups.put(group, NanoUsd.ZERO));
    groups.putAll(sums.revenue);
    for (Map.Entry<Group, NanoUsd> one : groups.entrySet()) {
      if (tenantId.isPresent() && !tenantId.get().equals(one.getKey().tenantId())) {
        continue;
      }
      Wei cost = new Wei(sums.cost.getOrDefault(one.getKey(), BigInteger.ZERO));
      NanoUsd costUsd = dollars(cost);
      totals = totals.plus(one.getValue(), cost, costUsd);
      rows.add(
          new ReconciliationReport.Row(
              one.getKey().tenantId(),
              one.getKey().capability(),
              one.getValue(),
              cost,
              costUsd,
              one.getValue().minus(costUsd)));
    }
    List<ReconciliationReport.Unattributed> unattributed = new ArrayList<>();
    if (tenantId.isEmpty()) {
      for (Map.Entry<String, BigInteger> one : sums.unattributed.entrySet()) {
        Wei cost = new Wei(one.getValue());
        totals = totals.plus(NanoUsd.ZERO, cost, dollars(cost));
        unattributed.add(new ReconciliationReport.Unattributed(one.getKey(), cost, dollars(cost)));
      }
    }
    int end = Math.min(rows.size(), offset + limit);
    return new ReconciliationReport(
        from,
        to,
        ethUsd.toPlainString(),
        totals,
        unattributed,
        offset >= end ? List.of() : rows.subList(offset, end),
        end < rows.size() ? "o" + end : null);
  }

  private NanoUsd dollars(Wei wei) {
    return NanoUsd.rounded(new BigDecimal(wei.value(), WEI_DECIMALS).multiply(ethUsd));
  }

  private static Sums sums(Tx tx, OffsetDateTime from, OffsetDateTime to) {
    Sums sums = new Sums();
    for (Row row :
        tx.query(
            """
            select tenant_id, capability, sum(amount)::bigint amount from charge
            where occurred_at >= $1 and occurred_at < $2 group by tenant_id, capability""",
            from,
            to)) {
      sums.revenue.put(
          new Group(row.getString("tenant_id"), row.getString("capability")),
          NanoUsd.ofNanos(row.getLong("amount")));
    }
    Map<String, Map<String, Long>> live = liveMilliseconds(tx, from, to);
    for (Row row :
        tx.query(
            """
            select gateway, tenant_id, capability, sum(expected_value) cost from ticket_batch
            where created_at >= $1 and created_at < $2 group by gateway, tenant_id, capability""",
            from,
            to)) {
      BigInteger cost = row.getBigDecimal("cost").toBigIntegerExact();
      String capability = row.getString("capability");
      if (row.getString("tenant_id") != null) {
        add(sums, row.getString("tenant_id"), capability, cost);
      } else {
        share(sums, row.getString("gateway"), capability, cost, live);
      }
    }
    return sums;
  }

  private static void share(
      Sums sums,
      String gateway,
      String capability,
      BigInteger cost,
      Map<String, Map<String, Long>> live) {
    Map<String, BigInteger> shares = Shares.split(cost, live.getOrDefault(gateway, Map.of()));
    if (shares.isEmpty()) {
      sums.unattributed.merge(gateway, cost, BigInteger::add);
    }
    shares.forEach((tenant, share) -> add(sums, tenant, capability, share));
  }

  private static void add(Sums sums, String tenantId, String capability, BigInteger cost) {
    sums.cost.merge(new Group(tenantId, capability), cost, BigInteger::add);
  }

  private static Map<String, Map<String, Long>> liveMilliseconds(
      Tx tx, OffsetDateTime from, OffsetDateTime to) {
    Map<String, Map<String, Long>> live = new HashMap<>();
    for (Row row :
        tx.query(
            """
            select gateway, tenant_id, sum(milliseconds)::bigint milliseconds from charge
            where capability = $3 and occurred_at >= $1 and occurred_at < $2
            group by gateway, tenant_id""",
            from,
            to,
            LIVE)) {
      live.computeIfAbsent(row.getString("gateway"), ignored -> new TreeMap<>())
          .put(row.getString("tenant_id"), row.getLong("milliseconds"));
    }
    return live;
  }
}
