package io.naap.metering.plan;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PlanAccess;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Assigns plans to tenants, and makes private plans for one tenant by changing a base plan. */
@ApplicationScoped
class TenantOverrides {
  private static final OffsetDateTime NEVER = OffsetDateTime.parse("9999-12-31T00:00:00Z");

  private final Transactions transactions;
  private final PlanVersions versions;
  private final Ids ids;
  private final Clock clock;

  TenantOverrides(Transactions transactions, PlanVersions versions, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.versions = versions;
    this.ids = ids;
    this.clock = clock;
  }

  /** Assigns a plan to a tenant and announces it to routers. */
  Assignment assign(Tx tx, String tenantId, String planId, Instant from) {
    OfferedPlan plan =
        versions
            .newest(tx, planId)
            .orElseThrow(() -> Refusal.invalid("There is no such plan.").raise());
    if (plan.tenantId().filter(owner -> !owner.equals(tenantId)).isPresent()) {
      throw Refusal.invalid("The plan was made for another tenant.").raise();
    }
    Instant at = from.truncatedTo(ChronoUnit.MICROS);
    if (at.isBefore(clock.instant().minus(1, ChronoUnit.MINUTES))) {
      throw Refusal.invalid("effective_from must not be in the past: that is billed already.")
          .raise();
    }
    tx.change(
        "insert into tenant_assignment (tenant_id, effective_from, plan_id) values ($1, $2, $3)"
            + " on conflict (tenant_id, effective_from) do update set plan_id = excluded.plan_id",
        tenantId,
        at.atOffset(ZoneOffset.UTC),
        planId);
    versions.announce(tx, planId, Optional.of(tenantId));
    return new Assignment(tenantId, planId, at);
  }

  /** Returns a page of a tenant's assignments, the newest first. */
  Page<Assignment> assignments(String tenantId, PageRequest page) {
    return Page.of(
        transactions
            .run(
                tx ->
                    tx.query(
                        "select * from tenant_assignment where tenant_id = $1 and effective_from <"
                            + " $2 order by effective_from desc limit $3",
                        tenantId,
                        page.after().map(end -> end.time(0).atOffset(ZoneOffset.UTC)).orElse(NEVER),
                        page.oneMore()))
            .stream()
            .map(
                row ->
                    new Assignment(
                        row.getString("tenant_id"),
                        row.getString("plan_id"),
                        row.getOffsetDateTime("effective_from").toInstant()))
            .toList(),
        page.size(),
        assignment -> Cursor.of(assignment.effectiveFrom()));
  }

  /**
   * Changes the plan of a tenant: makes a private plan from the plan it is on and assigns it, or
   * adds a version to the private plan it has.
   */
  OfferedPlan override(Tx tx, String tenantId, OverrideRequest override) {
    OfferedPlan current = versions.of(tx, tenantId, clock.instant());
    OfferedPlan base =
        current.origin().baseId().map(id -> versions.inForce(tx, id).orElseThrow()).orElse(current);
    String id =
        current.tenantId().isPresent()
            ? current.id()
            : tx.one(
                    "insert into plan (id, tenant_id, base_id) values ($1, $2, $3) returning id",
                    ids.next(IdKind.PLAN),
                    tenantId,
                    base.id())
                .orElseThrow()
                .getString(0);
    OfferedPlan made =
        versions.add(
            tx, over(base, id, tenantId, override), override.charges(), Optional.of(override));
    if (current.tenantId().isEmpty()) {
      assign(tx, tenantId, id, clock.instant());
    }
    return made;
  }

  /**
   * Applies the overrides of a private plan to a new version of its base plan and stores the result
   * as a new version.
   */
  void rebase(Tx tx, String id, OfferedPlan base) {
    Row row =
        tx.one(
                "select v.overrides::text overrides, p.tenant_id from plan_version v join plan p on"
                    + " p.id = v.plan_id where plan_id = $1 order by version desc limit 1",
                id)
            .orElseThrow();
    OverrideRequest override = Json.read(row.getString("overrides"), OverrideRequest.class);
    versions.add(
        tx,
        over(base, id, row.getString("tenant_id"), override),
        override.charges(),
        Optional.of(override));
  }

  private OfferedPlan over(OfferedPlan base, String id, String tenantId, OverrideRequest override) {
    List<Charge> charges = new ArrayList<>(override.charges());
    base.charges().stream()
        .filter(charge -> override.charges().stream().noneMatch(own -> isSame(own, charge)))
        .forEach(charges::add);
    return new OfferedPlan(
        id,
        1,
        base.name(),
        new PlanAccess(
            override.prepaid().orElse(base.access().prepaid()),
            override.tier().orElse(base.access().tier()),
            Stream.concat(base.access().tiers().stream(), override.tiers().stream())
                .distinct()
                .toList(),
            override.limits().orElse(base.access().limits()),
            base.access().capabilities(),
            base.access().models()),
        charges,
        override.terms().orElse(base.terms()),
        new OfferedPlan.Origin(
            base.origin().priceBook(), Optional.of(tenantId), Optional.of(base.id())),
        base.effectiveFrom().isAfter(clock.instant())
            ? base.effectiveFrom()
            : clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  private static boolean isSame(Charge own, Charge base) {
    boolean counted =
        own instanceof Charge.Counted one
            && base instanceof Charge.Counted other
            && one.unit() == other.unit();
    boolean kind = !(own instanceof Charge.Counted) && own.getClass().equals(base.getClass());
    return own.filter().equals(base.filter()) && (counted || kind);
  }
}
