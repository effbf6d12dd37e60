package io.naap.metering.account;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.invoice.InvoiceConfig;
import io.naap.metering.job.Job;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.plan.PlanVersions;
import io.naap.metering.webhook.Announcements;
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
 * Sets the standing of tenants and sends spending alerts. An overdue invoice makes a tenant {@code
 * past_due} and, after {@code suspendAfter}, {@code suspended}; so does exceeding the credit limit,
 * which also counts usage that is not yet invoiced. Payment makes the tenant {@code good} again.
 * Each spending mark is announced once a period.
 */
@ApplicationScoped
class Dunning implements Job {
  private final Transactions transactions;
  private final PlanVersions plans;
  private final Announcements announcements;
  private final Outbox outbox;
  private final InvoiceConfig config;
  private final Ids ids;
  private final Clock clock;

  Dunning(
      Transactions transactions,
      PlanVersions plans,
      Announcements announcements,
      Outbox outbox,
      InvoiceConfig config,
      Ids ids,
      Clock clock) {
    this.transactions = transactions;
    this.plans = plans;
    this.announcements = announcements;
    this.outbox = outbox;
    this.config = config;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "dunning";
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(15);
  }

  @Override
  public void run() {
    Instant now = clock.instant();
    transactions.run(tx -> standings(tx, now));
    for (Row row :
        transactions.run(
            tx ->
                tx.query(
                    "select tenant_id, spend_alerts, "
                        + Anchors.COLUMNS
                        + " from tenant_account where spend_alerts <> '{}'"))) {
      transactions.run(tx -> spending(tx, row, now));
    }
    outbox.poke();
  }

  private boolean standings(Tx tx, Instant now) {
    OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
    List<Row> changed =
        tx.query(
            """
            with overdue as (
              select tenant_id, min(due_at) as since from invoice
              where status = 'final' and due > paid and due_at < $1 group by tenant_id
            ), over as (
              select a.tenant_id from tenant_account a where a.credit_limit is not null and a.credit_limit <
                (select coalesce(sum(due - paid), 0) from invoice i where i.tenant_id = a.tenant_id and status = 'final')
                + (select coalesce(sum(cost), 0) from usage_rollup u where u.tenant_id = a.tenant_id
                    and granularity = 'day' and bucket >= coalesce(a.invoiced_through, date_trunc('month', $1, 'UTC')))
            ), judged as (
              select a.tenant_id, case
                when o.since < $2 or l.tenant_id is not null then 'suspended'
                when o.since is not null then 'past_due' else 'good' end as standing
              from tenant_account a left join overdue o using (tenant_id) left join over l using (tenant_id)
            )
            update tenant_account a set standing = j.standing from judged j
            where j.tenant_id = a.tenant_id and j.standing <> a.standing
            returning a.tenant_id, a.standing""",
            at,
            now.minus(config.suspendAfter()).atOffset(ZoneOffset.UTC));
    for (Row row : changed) {
      String tenantId = row.getString("tenant_id");
      plans.announceTenant(tx, tenantId);
      announcements.add(
          tx,
          tenantId,
          "standing.changed",
          ids.next(IdKind.EVENT),
          "{\"tenant_id\":\"%s\",\"standing\":\"%s\"}"
              .formatted(tenantId, row.getString("standing")));
    }
    return !changed.isEmpty();
  }

  private boolean spending(Tx tx, Row account, Instant now) {
    String tenantId = account.getString("tenant_id");
    Period period = Anchors.of(account).period(now);
    long spent =
        tx.one(
                "select coalesce(sum(cost), 0)::int8 from usage_rollup where tenant_id = $1"
                    + " and granularity = 'day' and bucket >= $2 and bucket < $3",
                tenantId,
                period.start().atOffset(ZoneOffset.UTC),
                period.end().atOffset(ZoneOffset.UTC))
            .orElseThrow()
            .getLong(0);
    for (Long mark : account.getArrayOfLongs("spend_alerts")) {
      if (spent >= mark
          && tx.change(
                  "insert into alert (tenant_id, subject) values ($1, $2) on conflict do nothing",
                  tenantId,
                  "spend " + period.start() + " " + mark)
              == 1) {
        announcements.add(
            tx,
            tenantId,
            "usage.threshold",
            ids.next(IdKind.EVENT),
            "{\"tenant_id\":\"%s\",\"threshold\":%s,\"spent\":%s}"
                .formatted(tenantId, text(NanoUsd.ofNanos(mark)), text(NanoUsd.ofNanos(spent))));
      }
    }
    return true;
  }

  private static String text(NanoUsd amount) {
    return Json.write(amount);
  }
}
