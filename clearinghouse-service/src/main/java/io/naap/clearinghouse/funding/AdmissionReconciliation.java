package io.naap.clearinghouse.funding;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.clearing.AdmissionFunds;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Compares what admission says of tenants' money with the ledger, round by round, and corrects
 * admission. What is wrong in two rounds is wrong; what is wrong in one may be on its way. A store
 * that lives in an epoch the ledger has closed has gone back in time: it is made to forget, as if
 * it had been lost, and routers begin anew with what the ledger has.
 */
@ApplicationScoped
public class AdmissionReconciliation {
  private static final Logger LOG = Logger.getLogger(AdmissionReconciliation.class);
  private static final int PAGE = 500;
  private static final int MOST_REMEMBERED = 100_000;

  private final Ledger ledger;
  private final AdmissionStore store;
  private final Fundings fundings;
  private final DriftConfig config;
  private final ClearinghouseMetrics metrics;
  private final Ids ids;
  private final Clock clock;
  private final Map<String, Noticed> noticed = new HashMap<>();
  private final Map<String, Noticed> waiting = new HashMap<>();
  private final Workers workers;
  private Worker worker;

  AdmissionReconciliation(
      Workers workers,
      Ledger ledger,
      AdmissionStore store,
      Fundings fundings,
      DriftConfig config,
      ClearinghouseMetrics metrics,
      Ids ids,
      Clock clock) {
    this.workers = workers;
    this.ledger = ledger;
    this.store = store;
    this.fundings = fundings;
    this.config = config;
    this.metrics = metrics;
    this.ids = ids;
    this.clock = clock;
  }

  /** What was seen of a funding, since when, and whether it was told. */
  private record Noticed(String what, Instant since, boolean told) {}

  private record Open(String tenantId, Drift.Booked booked) {}

  /** What a round found, by kind. */
  record Found(Map<Drift.Kind, Integer> kinds, int corrected, boolean forgotten) {}

  void start(@Observes StartupEvent started) {
    worker = workers.start("drift", config.interval(), this::round);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** Looks at every open funding once. */
  synchronized Found round() {
    Optional<String> epoch = store.epoch();
    Map<Drift.Kind, Integer> kinds = new EnumMap<>(Drift.Kind.class);
    if (epoch.isEmpty()) {
      return new Found(kinds, 0, false);
    }
    if (isOver(epoch.get())) {
      return new Found(kinds, 0, beginAnew(epoch.get()));
    }
    int corrected = 0;
    Map<String, Long> amounts = new HashMap<>();
    long inFlight = 0;
    String after = "";
    List<Open> page;
    do {
      page = open(epoch.get(), after);
      for (Open one : page) {
        after = one.booked().fundingId();
        // Admission first: what only grows in the ledger is then never behind.
        AdmissionStore.Page said = store.read(one.tenantId());
        Optional<Drift.Booked> now = booked(after);
        if (now.isEmpty()) {
          continue;
        }
        if (said.withdrawn() > now.get().withdrawn().nanos() && isOf(said, now.get())) {
          // Taken back there and not booked here: whoever did it died in between.
          fundings.giveBack(one.tenantId(), after, said.withdrawn());
          now = booked(after);
          if (now.isEmpty()) {
            continue;
          }
        }
        Drift drift = Drift.of(now.get(), said);
        kinds.merge(drift.kind(), 1, Integer::sum);
        amounts.merge(drift.kind().wireName(), Math.abs(drift.amount()), Long::sum);
        inFlight += Math.max(0, drift.inFlight());
        corrected += look(epoch.get(), one.tenantId(), now.get(), said, drift) ? 1 : 0;
      }
    } while (page.size() == PAGE);
    metrics.admissionDrift(amounts, inFlight);
    if (noticed.size() + waiting.size() > MOST_REMEMBERED) {
      noticed.clear();
      waiting.clear();
    }
    return new Found(kinds, corrected, false);
  }

  private static boolean isOf(AdmissionStore.Page page, Drift.Booked booked) {
    return page.funds().filter(of -> of.funding().equals(booked.fundingId())).isPresent();
  }

  private boolean look(
      String epoch, String tenant, Drift.Booked booked, AdmissionStore.Page said, Drift drift) {
    lookAtWaiting(booked, drift);
    if (drift.kind() == Drift.Kind.NONE || drift.kind() == Drift.Kind.LESS_THAN_SET_ASIDE) {
      noticed.remove(booked.fundingId());
      return false;
    }
    if (drift.kind() == Drift.Kind.ESTIMATE) {
      return config.correct() && correct(epoch, tenant, booked, said, drift);
    }
    String what = drift.kind().wireName();
    Noticed before = noticed.get(booked.fundingId());
    Instant now = clock.instant();
    if (before == null || !before.what().equals(what)) {
      noticed.put(booked.fundingId(), new Noticed(what, now, false));
      return false;
    }
    if (before.since().plus(config.patience()).isAfter(now)) {
      return false;
    }
    if (!before.told() && drift.kind().isAlarming()) {
      LOG.errorf(
          "admission's money differs from the ledger, kind=%s tenant=%s funding=%s nano_usd=%d"
              + " admission=%s ledger=%s",
          what, tenant, booked.fundingId(), drift.amount(), said, booked);
      metrics.admissionAlarm(what);
      noticed.put(booked.fundingId(), new Noticed(what, before.since(), true));
    }
    if (config.correct() && correct(epoch, tenant, booked, said, drift)) {
      noticed.remove(booked.fundingId());
      return true;
    }
    return false;
  }

  /** Usage that does not come: settled in admission, and the sum has not moved for long. */
  private void lookAtWaiting(Drift.Booked booked, Drift drift) {
    String id = booked.fundingId();
    if (drift.inFlight() <= 0) {
      waiting.remove(id);
      return;
    }
    String what = drift.inFlight() + " of " + booked.settled().nanos();
    Noticed before = waiting.get(id);
    Instant now = clock.instant();
    if (before == null || !before.what().equals(what)) {
      waiting.put(id, new Noticed(what, now, false));
    } else if (!before.told() && !before.since().plus(config.lostAfter()).isAfter(now)) {
      LOG.errorf(
          "jobs that admission settled are not charged, funding=%s nano_usd=%d since=%s; look for"
              + " usage that is quarantined or lost",
          id, drift.inFlight(), before.since());
      metrics.admissionAlarm("usage_missing");
      waiting.put(id, new Noticed(what, before.since(), true));
    }
  }

  private boolean correct(
      String epoch, String tenant, Drift.Booked booked, AdmissionStore.Page said, Drift drift) {
    AdmissionFunds right = drift.right().orElseThrow();
    if (!store.replace(epoch, tenant, said, right, drift.returned(), booked.withdrawn().nanos())) {
      return false;
    }
    metrics.admissionCorrected(drift.kind().wireName());
    if (drift.kind() == Drift.Kind.ESTIMATE) {
      return true;
    }
    LOG.warnf(
        "admission's money corrected, kind=%s tenant=%s funding=%s",
        drift.kind().wireName(), tenant, booked.fundingId());
    ledger.read(
        tx ->
            tx.change(
                """
                insert into admission_correction (id, tenant_id, funding_id, kind, amount, before,
                  after, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8)""",
                ids.next(IdKind.EVENT),
                tenant,
                booked.fundingId(),
                drift.kind().wireName(),
                drift.amount(),
                json(said.funds(), said.out(), said.returned()),
                json(Optional.of(right), right.leased(), drift.returned()),
                clock.instant().atOffset(ZoneOffset.UTC)));
    return true;
  }

  private static JsonObject json(Optional<AdmissionFunds> funds, long out, long returned) {
    JsonObject json = new JsonObject().put("out", out).put("returned", returned);
    funds.ifPresent(
        of ->
            json.put(AdmissionFunds.FUNDING, of.funding())
                .put(AdmissionFunds.TOTAL, of.total())
                .put(AdmissionFunds.AVAILABLE, of.available())
                .put(AdmissionFunds.LEASED, of.leased())
                .put(AdmissionFunds.SPENT, of.spent()));
    return json;
  }

  /** Whether the ledger knows of an epoch after this one. */
  private boolean isOver(String epoch) {
    return ledger.read(
        tx ->
            tx.one(
                    """
                    select 1 from funding old join funding next on next.tenant_id = old.tenant_id
                      and next.epoch <> old.epoch and next.opened_at > old.opened_at
                    where old.epoch = $1 and old.closed_at is not null limit 1""",
                    epoch)
                .isPresent());
  }

  private boolean beginAnew(String epoch) {
    String what = "epoch " + epoch;
    Noticed before = noticed.get("");
    Instant now = clock.instant();
    if (before == null || !before.what().equals(what)) {
      noticed.put("", new Noticed(what, now, false));
      return false;
    }
    if (before.since().plus(config.patience()).isAfter(now)) {
      return false;
    }
    LOG.errorf(
        "admission's store has gone back to epoch %s, which the ledger has closed; it %s",
        epoch, config.correct() ? "begins anew" : "must be emptied by hand");
    metrics.admissionAlarm("went_back");
    noticed.remove("");
    return config.correct() && store.forget(epoch);
  }

  private List<Open> open(String epoch, String after) {
    return ledger.read(
        tx ->
            tx
                .query(
                    BOOKED
                        + " where f.closed_at is null and f.epoch = $1 and f.id > $2"
                        + " order by f.id limit "
                        + PAGE,
                    epoch,
                    after)
                .stream()
                .map(row -> new Open(row.getString("tenant_id"), booked(row)))
                .toList());
  }

  private Optional<Drift.Booked> booked(String fundingId) {
    return ledger.read(
        tx ->
            tx.one(BOOKED + " where f.id = $1 and f.closed_at is null", fundingId)
                .map(AdmissionReconciliation::booked));
  }

  private static final String BOOKED =
      "select f.id, f.tenant_id, f.total, f.settled, f.withdrawn, coalesce(a.balance, 0)::bigint remaining"
          + " from funding f left join account a on a.owner = f.id and a.kind = 'set_aside'";

  private static Drift.Booked booked(Row row) {
    return new Drift.Booked(
        row.getString("id"),
        NanoUsd.ofNanos(row.getLong("total")),
        NanoUsd.ofNanos(row.getLong("remaining")),
        NanoUsd.ofNanos(row.getLong("settled")),
        NanoUsd.ofNanos(row.getLong("withdrawn")));
  }
}
