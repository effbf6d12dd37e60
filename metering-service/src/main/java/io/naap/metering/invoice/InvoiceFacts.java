package io.naap.metering.invoice;

import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.metering.period.Period;
import io.naap.metering.plan.Assignments;
import io.naap.metering.plan.PlanVersions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Reads from Postgres what invoices are made of, for many tenants at once. */
@ApplicationScoped
class InvoiceFacts {
  private static final String SUMS =
      Arrays.stream(Unit.values())
          .map(unit -> "sum(%1$s)::int8 %1$s".formatted(unit.wireName()))
          .collect(Collectors.joining(", "));

  private final Assignments assignments;
  private final PlanVersions plans;
  private final InvoiceConfig config;

  InvoiceFacts(Assignments assignments, PlanVersions plans, InvoiceConfig config) {
    this.assignments = assignments;
    this.plans = plans;
    this.config = config;
  }

  List<InvoiceMaker.Facts> of(
      Tx tx, List<String> tenants, Period period, UnaryOperator<String> ids) {
    String[] names = tenants.toArray(String[]::new);
    OffsetDateTime start = period.start().atOffset(ZoneOffset.UTC);
    Map<String, List<InvoiceMaker.Used>> used = used(tx, names, period);
    Map<String, List<InvoiceMaker.Late>> late = late(tx, names);
    Map<String, PeriodUsage> positions = positions(tx, names, start);
    Set<String> assigned = assigned(tx, names);
    // All tenants without an assigned plan are on the default plan, so its segments are read once.
    List<Assignments.PlanSegment> usual = assignments.segments(tx, "", period);
    Map<String, Row> accounts = new HashMap<>();
    tx.query(
            "select tenant_id, tax_name, tax_percent, bill_to from tenant_account where tenant_id ="
                + " any($1)",
            (Object) names)
        .forEach(row -> accounts.put(row.getString(0), row));
    List<InvoiceMaker.Facts> facts = new ArrayList<>();
    for (String tenant : tenants) {
      List<InvoiceMaker.Used> own = used.getOrDefault(tenant, List.of());
      List<Assignments.PlanSegment> segments =
          assigned.contains(tenant) ? assignments.segments(tx, tenant, period) : usual;
      Row account = accounts.get(tenant);
      Instant lastMoment = period.end().minusMillis(1);
      facts.add(
          new InvoiceMaker.Facts(
              ids.apply(tenant),
              new Invoice.Parties(
                  tenant,
                  config.seller(),
                  account == null || account.getString("bill_to").isEmpty()
                      ? tenant
                      : account.getString("bill_to"),
                  (assigned.contains(tenant)
                          ? plans.of(tx, tenant, lastMoment)
                          : plans.defaultAt(tx, lastMoment))
                      .access()
                      .prepaid()),
              period,
              own,
              late.getOrDefault(tenant, List.of()),
              segments(tx, tenant, period, own, segments, positions),
              account == null
                  ? new InvoiceMaker.Tax("Tax", BigDecimal.ZERO)
                  : new InvoiceMaker.Tax(
                      account.getString("tax_name"), account.getBigDecimal("tax_percent"))));
    }
    return facts;
  }

  /** Late usage that is on no invoice yet, by tenant. */
  private static Map<String, List<InvoiceMaker.Late>> late(Tx tx, String[] names) {
    Map<String, List<InvoiceMaker.Late>> late = new HashMap<>();
    tx.query(
            """
            select tenant_id, capability, model, count(*) events, sum(cost)::int8 cost from adjustment
            where tenant_id = any($1) and invoice_id is null group by 1, 2, 3 order by 1, 2, 3\
            """,
            (Object) names)
        .forEach(
            row ->
                late.computeIfAbsent(row.getString("tenant_id"), key -> new ArrayList<>())
                    .add(
                        new InvoiceMaker.Late(
                            row.getString("capability"),
                            row.getString("model"),
                            row.getLong("events"),
                            NanoUsd.ofNanos(row.getLong("cost")))));
    return late;
  }

  /** The positions at the end of the period, by tenant and plan version. */
  private static Map<String, PeriodUsage> positions(Tx tx, String[] names, OffsetDateTime start) {
    Map<String, PeriodUsage> positions = new HashMap<>();
    tx.query(
            "select tenant_id, plan, position::text from tenant_position where tenant_id = any($1)"
                + " and period_start = $2",
            names,
            start)
        .forEach(
            row ->
                positions.put(
                    row.getString(0) + '\n' + row.getString(1),
                    Json.read(row.getString(2), PeriodUsage.class)));
    return positions;
  }

  /** Those of the tenants that have an assigned plan. */
  private static Set<String> assigned(Tx tx, String[] names) {
    Set<String> assigned = new HashSet<>();
    tx.query(
            "select distinct tenant_id from tenant_assignment where tenant_id = any($1)",
            (Object) names)
        .forEach(row -> assigned.add(row.getString(0)));
    return assigned;
  }

  private static Map<String, List<InvoiceMaker.Used>> used(Tx tx, String[] tenants, Period period) {
    Map<String, List<InvoiceMaker.Used>> used = new HashMap<>();
    for (Row row :
        tx.query(
            """
            select tenant_id, key_id, capability, model, sum(jobs)::int8 jobs, %s, sum(cost)::int8 cost
            from usage_rollup
            where tenant_id = any($1) and granularity = 'day' and bucket >= $2 and bucket < $3 and not late
            group by 1, 2, 3, 4 having sum(events) > 0 order by 1, 3, 4, 2\
            """
                .formatted(SUMS),
            tenants,
            period.start().atOffset(ZoneOffset.UTC),
            period.end().atOffset(ZoneOffset.UTC))) {
      used.computeIfAbsent(row.getString("tenant_id"), key -> new ArrayList<>())
          .add(
              new InvoiceMaker.Used(
                  row.getString("key_id"),
                  row.getString("capability"),
                  row.getString("model"),
                  row.getLong("jobs"),
                  units(row),
                  NanoUsd.ofNanos(row.getLong("cost"))));
    }
    return used;
  }

  static Units units(Row row) {
    Map<Unit, Long> amounts = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      amounts.put(unit, row.getLong(unit.wireName()));
    }
    return Units.of(amounts);
  }

  private static List<InvoiceMaker.RatedSegment> segments(
      Tx tx,
      String tenant,
      Period period,
      List<InvoiceMaker.Used> used,
      List<Assignments.PlanSegment> segments,
      Map<String, PeriodUsage> positions) {
    boolean alone = segments.size() == 1;
    boolean minimum = segments.stream().anyMatch(one -> one.plan().terms().minimum().isPresent());
    Map<String, NanoUsd> byPlan = minimum && !alone ? spent(tx, tenant, period) : Map.of();
    NanoUsd all = used.stream().map(InvoiceMaker.Used::cost).reduce(NanoUsd.ZERO, NanoUsd::plus);
    return segments.stream()
        .map(
            one -> {
              Optional<PeriodUsage> position =
                  Optional.ofNullable(positions.get(tenant + '\n' + one.plan().reference()));
              NanoUsd spent =
                  alone
                      ? all
                      : byPlan.getOrDefault(
                          one.plan().reference(),
                          position.map(PeriodUsage::spent).orElse(NanoUsd.ZERO));
              return new InvoiceMaker.RatedSegment(one.plan(), one.share(period), spent, position);
            })
        .toList();
  }

  private static Map<String, NanoUsd> spent(Tx tx, String tenant, Period period) {
    Map<String, NanoUsd> spent = new HashMap<>();
    tx.query(
            """
            select plan, sum(cost)::int8 from usage_event
            where tenant_id = $1 and occurred_at >= $2 and occurred_at < $3 and not late and state <> 'quarantined'
            group by 1\
            """,
            tenant,
            period.start().atOffset(ZoneOffset.UTC),
            period.end().atOffset(ZoneOffset.UTC))
        .forEach(row -> spent.put(row.getString(0), NanoUsd.ofNanos(row.getLong(1))));
    return spent;
  }
}
