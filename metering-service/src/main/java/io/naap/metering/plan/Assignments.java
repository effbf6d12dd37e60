package io.naap.metering.plan;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Proration;
import io.naap.contracts.rating.Terms;
import io.naap.metering.period.Period;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads from Postgres which plan applied to a tenant, and for how much of a period. */
@ApplicationScoped
public class Assignments {
  /**
   * A part of a period in which one plan version applies.
   *
   * @param plan the plan version
   */
  public record PlanSegment(Instant from, Instant to, Plan plan) {
    /** The share of the whole period that this segment is. */
    public Proration share(Period period) {
      return new Proration(Duration.between(from, to).toSeconds(), period.whole().toSeconds());
    }
  }

  /**
   * A tenant's trial of a plan.
   *
   * @param left the amount that is still free; absent when the trial is limited by time only
   */
  public record Trial(Instant until, Optional<NanoUsd> left) {}

  private final PlanVersions plans;

  Assignments(PlanVersions plans) {
    this.plans = plans;
  }

  /**
   * Returns the segments of a period, without gaps, the earliest first. The default plan applies
   * until a tenant's first assignment; a new version of a plan applies from its {@code
   * effectiveFrom} on.
   */
  public List<PlanSegment> segments(Tx tx, String tenantId, Period period) {
    List<PlanSegment> segments = new ArrayList<>();
    for (var row :
        tx.query(
            """
            with assigned as (
              select effective_from as from_at, plan_id,
                lead(effective_from, 1, 'infinity') over (order by effective_from) as to_at
              from tenant_assignment where tenant_id = $1
              union all
              select '-infinity', p.id,
                coalesce((select min(effective_from) from tenant_assignment where tenant_id = $1), 'infinity')
              from plan p where p.is_default
            ), versions as (
              select plan_id, version, effective_from,
                lead(effective_from, 1, 'infinity') over (partition by plan_id order by effective_from, version) as until
              from plan_version where plan_id in (select plan_id from assigned)
            )
            select greatest(a.from_at, v.effective_from, $2) as starts, least(a.to_at, v.until, $3) as ends,
              v.plan_id || '@' || v.version as reference
            from assigned a join versions v on v.plan_id = a.plan_id
            where greatest(a.from_at, v.effective_from, $2) < least(a.to_at, v.until, $3)
            order by 1""",
            tenantId,
            period.start().atOffset(ZoneOffset.UTC),
            period.end().atOffset(ZoneOffset.UTC))) {
      segments.add(
          new PlanSegment(
              row.getOffsetDateTime("starts").toInstant(),
              row.getOffsetDateTime("ends").toInstant(),
              plans.version(tx, row.getString("reference")).orElseThrow()));
    }
    return segments;
  }

  /**
   * Returns the share of a period from when a plan version begins to apply to the period's end;
   * included units and the ceiling are reduced to this share. Returns the whole for a version that
   * applies at no time of the period: a router that had not heard of a change named it.
   */
  public Proration share(Tx tx, String tenantId, Plan plan, Period period) {
    return segments(tx, tenantId, period).stream()
        .filter(segment -> segment.plan().reference().equals(plan.reference()))
        .findFirst()
        .map(segment -> new PlanSegment(segment.from(), period.end(), plan).share(period))
        .orElse(Proration.ALL);
  }

  /**
   * Returns a tenant's trial of a plan, with its row locked. Creates it when there is none,
   * beginning with the tenant's first assignment of the plan, or now.
   */
  public Optional<Trial> trial(Tx tx, String tenantId, Plan plan) {
    Terms.Trial terms = plan.terms().trial().orElseThrow();
    tx.change(
        """
        insert into tenant_trial (tenant_id, plan_id, until, left_nanos)
        values ($1, $2, coalesce(
          (select min(effective_from) from tenant_assignment where tenant_id = $1 and plan_id = $2), now())
          + make_interval(days => $3), $4)
        on conflict do nothing""",
        tenantId,
        plan.id(),
        terms.days(),
        terms.most().map(NanoUsd::nanos).orElse(null));
    return tx.one(
            "select until, left_nanos from tenant_trial where tenant_id = $1 and plan_id = $2 for update",
            tenantId,
            plan.id())
        .map(
            row ->
                new Trial(
                    row.get(OffsetDateTime.class, "until").toInstant(),
                    Optional.ofNullable(row.getLong("left_nanos")).map(NanoUsd::ofNanos)));
  }
}
