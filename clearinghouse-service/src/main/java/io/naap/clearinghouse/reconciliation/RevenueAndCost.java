package io.naap.clearinghouse.reconciliation;

import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Revenue and network cost by day, tenant, capability and pool: every report is made of these rows.
 * The revenue of all rows is what the ledger's revenue accounts got in the time: charges, what was
 * given back of them, fees, discounts, credit notes, reversals, and what tenants of the signer
 * paid. A refund counts when it was given, a charge when its job ended.
 *
 * @param unattributed cost of gateways on which no tenant was metered, by gateway
 * @param expectedValue of all tickets of the time
 */
record RevenueAndCost(
    SortedMap<Key, Sums> rows,
    SortedMap<String, BigInteger> unattributed,
    BigInteger expectedValue) {
  private static final String LIVE = "live-video-to-video";

  /** Of each kind of revenue: day, tenant, capability, pool, gateway, milliseconds, money. */
  private static final String REVENUE =
      """
      select day, tenant_id, capability, pool, gateway, sum(amount)::bigint amount,
        sum(sponsored)::bigint sponsored, sum(milliseconds)::bigint milliseconds
      from (
        select occurred_at as at, tenant_id, capability, pool, gateway, amount, sponsored, milliseconds
        from charge where occurred_at >= $1 and occurred_at < $2
        union all
        select j.occurred_at, r.tenant_id, coalesce(c.capability, 'unknown'), coalesce(c.pool, ''),
          coalesce(c.gateway, ''), -r.amount, -r.sponsored, 0
        from journal j join job_refund r on r.journal_id = j.id
        left join charge c on c.usage_event_id = r.usage_event_id
        where j.kind in ('fee', 'reversal', 'stock') and j.occurred_at >= $1 and j.occurred_at < $2
        union all
        select j.occurred_at, a.owner,
          case j.kind when 'stock' then 'live-video-to-video'
            when 'fee' then 'fee: ' || split_part(j.description, ' ', 1) else 'reversals' end,
          case j.kind when 'stock' then 'signer' else '' end, '', p.amount::bigint, 0, 0
        from journal j join posting p on p.journal_id = j.id
        join account a on a.id = p.account_id and a.kind = 'revenue'
        where j.kind in ('fee', 'reversal', 'stock') and j.occurred_at >= $1 and j.occurred_at < $2
          and not exists (select 1 from job_refund r where r.journal_id = j.id)
      ) revenue, to_char(at at time zone 'UTC', 'YYYY-MM-DD') day
      group by 1, 2, 3, 4, 5""";

  private static final String TICKETS =
      """
      select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day, gateway, tenant_id, capability,
        sum(expected_value) cost, sum(charged)::bigint charged
      from ticket_batch where created_at >= $1 and created_at < $2 group by 1, 2, 3, 4""";

  /** The key of a row. */
  record Key(String day, String tenantId, String capability, String pool) {
    static final Comparator<Key> ORDER =
        Comparator.comparing(Key::day)
            .thenComparing(Key::tenantId)
            .thenComparing(Key::capability)
            .thenComparing(Key::pool);
  }

  /**
   * The sums of a row.
   *
   * @param revenue the sponsors' part included
   * @param sponsored of it, by sponsors
   */
  record Sums(NanoUsd revenue, NanoUsd sponsored, BigInteger cost) {
    static final Sums NONE = new Sums(NanoUsd.ZERO, NanoUsd.ZERO, BigInteger.ZERO);

    Sums plus(Sums other) {
      return new Sums(
          revenue.plus(other.revenue), sponsored.plus(other.sponsored), cost.add(other.cost));
    }
  }

  /** The tickets of a gateway and day are shared by live time. */
  private record LiveDay(String day, String gateway) {}

  static RevenueAndCost of(Tx tx, OffsetDateTime begin, OffsetDateTime end) {
    SortedMap<Key, Sums> rows = new TreeMap<>(Key.ORDER);
    Map<LiveDay, Map<String, Long>> live = new HashMap<>();
    Map<String, String> pools = new HashMap<>();
    for (Row row : tx.query(REVENUE, begin, end)) {
      String gateway = row.getString("gateway");
      Key key = key(row, row.getString("pool"));
      NanoUsd sponsored = NanoUsd.ofNanos(row.getLong("sponsored"));
      NanoUsd revenue = NanoUsd.ofNanos(row.getLong("amount")).plus(sponsored);
      rows.merge(key, new Sums(revenue, sponsored, BigInteger.ZERO), Sums::plus);
      if (row.getLong("milliseconds") > 0) {
        pools.put(gateway, key.pool());
        if (LIVE.equals(key.capability())) {
          live.computeIfAbsent(new LiveDay(key.day(), gateway), ignored -> new TreeMap<>())
              .merge(key.tenantId(), row.getLong("milliseconds"), Long::sum);
        }
      }
    }
    SortedMap<String, BigInteger> unattributed = new TreeMap<>();
    BigInteger all = BigInteger.ZERO;
    for (Row row : tx.query(TICKETS, begin, end)) {
      BigInteger cost = row.getBigDecimal("cost").toBigIntegerExact();
      all = all.add(cost);
      if (row.getString("tenant_id") != null) {
        NanoUsd paid = NanoUsd.ofNanos(row.getLong("charged"));
        rows.merge(key(row, "signer"), new Sums(paid, NanoUsd.ZERO, cost), Sums::plus);
        continue;
      }
      String gateway = row.getString("gateway");
      String day = row.getString("day");
      Map<String, BigInteger> shares =
          Shares.split(cost, live.getOrDefault(new LiveDay(day, gateway), Map.of()));
      if (shares.isEmpty()) {
        unattributed.merge(gateway, cost, BigInteger::add);
      }
      shares.forEach(
          (tenant, share) ->
              rows.merge(
                  new Key(
                      day, tenant, row.getString("capability"), pools.getOrDefault(gateway, "")),
                  new Sums(NanoUsd.ZERO, NanoUsd.ZERO, share),
                  Sums::plus));
    }
    return new RevenueAndCost(rows, unattributed, all);
  }

  private static Key key(Row row, String pool) {
    return new Key(
        row.getString("day"), row.getString("tenant_id"), row.getString("capability"), pool);
  }
}
