package io.naap.clearinghouse.funding;

import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Gives money that was set aside back to its tenant: when no job has used it for a while, and at
 * once when the tenant needs it for something else. It is taken from admission's store first and
 * booked then; a crash in between leaves it to the next round.
 */
@ApplicationScoped
public class IdleFunds implements IdleMoney {
  private static final Logger LOG = Logger.getLogger(IdleFunds.class);
  private static final int PAGE = 500;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final long ALL = Long.MAX_VALUE / 4;

  private final Ledger ledger;
  private final Fundings fundings;
  private final AdmissionStore store;
  private final IdleConfig config;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;
  private Map<String, Seen> seen = new HashMap<>();
  private final Workers workers;
  private Worker worker;

  IdleFunds(
      Workers workers,
      Ledger ledger,
      Fundings fundings,
      AdmissionStore store,
      IdleConfig config,
      ClearinghouseMetrics metrics,
      Clock clock) {
    this.workers = workers;
    this.ledger = ledger;
    this.fundings = fundings;
    this.store = store;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** What admission said of a funding, and since when it says the same. */
  private record Seen(AdmissionFunds funds, Instant since) {}

  private record Open(String fundingId, String tenantId, String epoch) {}

  void start(@Observes StartupEvent started) {
    worker = workers.start("idle-money", config.interval(), this::round);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** Gives back all money of fundings that no job has touched for a while. */
  synchronized void round() {
    Map<String, Seen> now = new HashMap<>();
    String after = "";
    List<Open> page;
    do {
      page = withMoney(after);
      for (Open one : page) {
        after = one.fundingId();
        Optional<AdmissionFunds> funds =
            store.read(one.tenantId()).funds().filter(of -> of.funding().equals(one.fundingId()));
        if (funds.isEmpty()) {
          continue;
        }
        Seen before = seen.get(one.fundingId());
        boolean same = before != null && before.funds().equals(funds.get());
        Seen current = same ? before : new Seen(funds.get(), clock.instant());
        if (same
            && funds.get().available() > 0
            && !current.since().plus(config.after()).isAfter(clock.instant())) {
          take(one, ALL);
        } else {
          now.put(one.fundingId(), current);
        }
      }
    } while (page.size() == PAGE);
    seen = now;
  }

  private List<Open> withMoney(String after) {
    return ledger.read(
        tx ->
            tx
                .query(
                    """
                    select f.id, f.tenant_id, f.epoch from funding f
                    join account a on a.owner = f.id and a.kind = 'set_aside'
                    where f.closed_at is null and a.balance > 0 and f.id > $1 order by f.id limit %d"""
                        .formatted(PAGE),
                    after)
                .stream()
                .map(
                    row ->
                        new Open(
                            row.getString("id"),
                            row.getString("tenant_id"),
                            row.getString("epoch")))
                .toList());
  }

  private Optional<AdmissionStore.Withdrawn> take(Open one, long most) {
    Optional<AdmissionStore.Withdrawn> taken =
        store.withdraw(one.epoch(), one.tenantId(), one.fundingId(), most);
    taken.ifPresent(
        done -> {
          NanoUsd given = fundings.giveBack(one.tenantId(), one.fundingId(), done.withdrawn());
          if (given.isPositive()) {
            metrics.idleMoneyReturned();
          }
        });
    return taken;
  }

  @Override
  public Answer free(String tenantId, NanoUsd needed) {
    return free(tenantId, needed, config.patience());
  }

  @Override
  public Answer freeNow(String tenantId, NanoUsd needed) {
    return free(tenantId, needed, Duration.ZERO);
  }

  private Answer free(String tenantId, NanoUsd needed, Duration patience) {
    try {
      return ask(tenantId, needed, patience);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Answer.UNAVAILABLE;
    } catch (RuntimeException away) {
      // Admission's store or its answer: the caller decides with what is free.
      LOG.warnf(away, "idle money could not be asked for, tenant=%s", tenantId);
      return Answer.UNAVAILABLE;
    }
  }

  private Answer ask(String tenantId, NanoUsd needed, Duration patience)
      throws InterruptedException {
    Instant end = clock.instant().plus(patience);
    while (true) {
      Optional<Row> row =
          ledger.read(
              tx ->
                  tx.one(
                      """
                      select f.id, f.epoch,
                        coalesce((select balance from account where owner = $1 and kind = 'credit'), 0)::bigint
                          + coalesce((select balance from account where owner = $1 and kind = 'owed'), 0)::bigint free
                      from funding f join account a on a.owner = f.id and a.kind = 'set_aside'
                      where f.tenant_id = $1 and f.closed_at is null and a.balance > 0""",
                      tenantId));
      if (row.isEmpty()) {
        return Answer.ASKED;
      }
      long missing = needed.nanos() - row.get().getLong("free");
      if (missing <= 0) {
        return Answer.ASKED;
      }
      Optional<AdmissionStore.Withdrawn> taken =
          take(
              new Open(row.get().getString("id"), tenantId, row.get().getString("epoch")), missing);
      if (taken.isEmpty()) {
        // Another epoch has begun; its first question closes this funding.
        return Answer.HELD;
      }
      if (taken.get().taken() < missing) {
        if (taken.get().leased() <= 0) {
          return Answer.HELD;
        }
        if (!clock.instant().isBefore(end)) {
          return Answer.HELD;
        }
        Thread.sleep(LOOK);
      }
    }
  }
}
