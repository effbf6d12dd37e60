package io.naap.metering.plan;

import io.naap.metering.job.Job;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Announces to routers when a plan version or an assignment with a later {@code effectiveFrom}
 * comes into force, as routers keep a plan until they are told of a change. Each is announced once
 * across all replicas.
 */
@ApplicationScoped
class ScheduledActivation implements Job {
  private final Transactions transactions;
  private final PlanVersions plans;
  private final Outbox outbox;
  private final Clock clock;

  ScheduledActivation(Transactions transactions, PlanVersions plans, Outbox outbox, Clock clock) {
    this.transactions = transactions;
    this.plans = plans;
    this.outbox = outbox;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "plans";
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public void run() {
    until(clock.instant());
  }

  /** Announces what came into force up to an instant; returns how many plans it announced. */
  int until(Instant now) {
    int announced =
        transactions.run(
            tx -> until(tx, now.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC)));
    if (announced > 0) {
      outbox.poke();
    }
    return announced;
  }

  private int until(Tx tx, OffsetDateTime now) {
    OffsetDateTime through =
        tx.one("select through from plan_reached for update")
            .orElseThrow()
            .getOffsetDateTime("through");
    if (!through.isBefore(now)) {
      return 0;
    }
    // Versions and assignments that applied from their creation were announced when they were
    // created.
    var reached =
        tx.query(
            """
            select distinct p.id, p.tenant_id from plan_version v join plan p on p.id = v.plan_id
            where v.effective_from > $1 and v.effective_from <= $2 and v.effective_from > v.created_at
            union
            select plan_id, tenant_id from tenant_assignment
            where effective_from > $1 and effective_from <= $2 and effective_from > created_at
            order by 1, 2""",
            through,
            now);
    reached.forEach(
        row -> plans.announce(tx, row.getString(0), Optional.ofNullable(row.getString(1))));
    tx.change("update plan_reached set through = $1", now);
    return reached.size();
  }
}
