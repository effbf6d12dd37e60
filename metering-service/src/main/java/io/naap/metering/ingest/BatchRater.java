package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.rating.Plan;
import io.naap.metering.cost.CostBook;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.plan.Assignments;
import io.naap.metering.plan.PlanVersions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Rates a batch of events, in the caller's transaction, by the plans that they name. */
@ApplicationScoped
public class BatchRater {
  private final UsageStore store;
  private final PlanVersions plans;
  private final Assignments assignments;
  private final CostBook costs;
  private final Clock clock;

  BatchRater(
      UsageStore store, PlanVersions plans, Assignments assignments, CostBook costs, Clock clock) {
    this.store = store;
    this.plans = plans;
    this.assignments = assignments;
    this.costs = costs;
    this.clock = clock;
  }

  /** Whether events are new, or stored ones that a person repaired. */
  public enum Repair {
    NONE,
    /** It was quarantined. */
    REPLAY,
    /** It takes the place of one that is taken back. */
    REPLACEMENT
  }

  /**
   * What a tenant's account says to its events; absent is the first of the month, nothing closed.
   */
  private record Account(Anchors anchors, Optional<Instant> closedThrough) {}

  /**
   * Rates events. Those of plans whose prices depend on the period are rated under its lock, and
   * only when they are new.
   *
   * @param repair whether they are stored already, and are rated again
   */
  public List<StoredRow> rate(Tx tx, List<UsageRecorded> batch, Repair repair) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Map<String, Plan> known = plans(tx, batch);
    Set<String> dependent =
        known.values().stream()
            .filter(Plan::dependsOnPosition)
            .map(Plan::reference)
            .collect(Collectors.toSet());
    Bounds bounds = bounds(tx);
    Set<String> asked =
        batch.stream()
            .filter(event -> isBefore(event, bounds.closed) || dependent.contains(event.plan()))
            .map(UsageRecorded::tenantId)
            .collect(Collectors.toSet());
    Map<String, Account> accounts = asked.isEmpty() ? Map.of() : accounts(tx, asked);
    Positions positions = positions(tx, batch, known, accounts, repair);
    List<StoredRow> rated = new ArrayList<>(batch.size());
    boolean replaces = repair == Repair.REPLACEMENT;
    for (UsageRecorded event : batch) {
      rated.add(
          new StoredRow(
              rate(event, known.get(event.plan()), positions, bounds.horizon),
              replaces ? EventId.replacement(event.eventId()) : event.eventId(),
              isLate(event, accounts),
              costs.of(tx, event),
              now,
              replaces ? event.eventId() : null));
    }
    positions.store(tx);
    return rated;
  }

  private static RatedEvent rate(
      UsageRecorded event, Plan plan, Positions positions, Optional<String> horizon) {
    if (horizon.filter(least -> event.eventId().compareTo(least) < 0).isPresent()) {
      return new RatedEvent.Quarantined(event, "older than what is kept");
    }
    boolean depends = positions.isWanted(event);
    RatedEvent rated =
        Rater.rate(
            event,
            Optional.ofNullable(plan),
            depends ? Optional.of(positions.before(event)) : Optional.empty());
    if (depends && rated instanceof RatedEvent.Charged charged) {
      positions.after(event, charged.rated());
    }
    return rated;
  }

  /** The plan versions that events name, each asked for once. */
  private Map<String, Plan> plans(Tx tx, List<UsageRecorded> batch) {
    Map<String, Plan> known = new HashMap<>();
    Set<String> named =
        batch.stream().filter(Rater::isRated).map(UsageRecorded::plan).collect(Collectors.toSet());
    named.forEach(
        reference -> plans.version(tx, reference).ifPresent(plan -> known.put(reference, plan)));
    return known;
  }

  private Positions positions(
      Tx tx,
      List<UsageRecorded> batch,
      Map<String, Plan> known,
      Map<String, Account> accounts,
      Repair repair) {
    List<UsageRecorded> dependent =
        batch.stream()
            .filter(
                event ->
                    Rater.isRated(event)
                        && known.containsKey(event.plan())
                        && known.get(event.plan()).dependsOnPosition())
            .toList();
    Positions all = new Positions(assignments);
    if (dependent.isEmpty()) {
      return all;
    }
    Map<String, Anchors> anchors = new HashMap<>();
    accounts.forEach((tenant, account) -> anchors.put(tenant, account.anchors));
    dependent.forEach(event -> all.want(event, known.get(event.plan()), period(event, anchors)));
    all.lock(tx);
    // Under the lock, so that what is stored now is all there is.
    if (repair == Repair.NONE) {
      store.known(tx, dependent.stream().map(UsageRecorded::eventId).toList()).forEach(all::forget);
    }
    return all;
  }

  private static Period period(UsageRecorded event, Map<String, Anchors> anchors) {
    return anchors.getOrDefault(event.tenantId(), Anchors.CALENDAR).period(event.occurredAt());
  }

  /**
   * What holds while a batch is stored.
   *
   * @param closed the last instant up to which any tenant's period is closed
   * @param horizon ids below it are of days that were let go
   */
  private record Bounds(Optional<Instant> closed, Optional<String> horizon) {}

  /** Keeps periods from being closed until this batch is committed. */
  private static Bounds bounds(Tx tx) {
    tx.query("select pg_advisory_xact_lock_shared($1)", Ingest.CLOSING_LOCK);
    Row row =
        tx.one(
                """
                select (select closed_through from tenant_account where closed_through is not null
                    order by closed_through desc limit 1),
                  (select id_floor(before::timestamp at time zone 'UTC') from usage_horizon)""")
            .orElseThrow();
    return new Bounds(
        Optional.ofNullable(row.getOffsetDateTime(0)).map(OffsetDateTime::toInstant),
        Optional.ofNullable(row.getString(1)));
  }

  private static boolean isBefore(UsageRecorded event, Optional<Instant> closed) {
    return closed.isPresent() && event.occurredAt().isBefore(closed.get());
  }

  private static boolean isLate(UsageRecorded event, Map<String, Account> accounts) {
    Account account = accounts.get(event.tenantId());
    return account != null && isBefore(event, account.closedThrough);
  }

  private static Map<String, Account> accounts(Tx tx, Collection<String> tenants) {
    Map<String, Account> accounts = new HashMap<>();
    for (Row row :
        tx.query(
            "select tenant_id, closed_through, "
                + Anchors.COLUMNS
                + " from tenant_account where tenant_id = any($1)",
            (Object) tenants.toArray(String[]::new))) {
      accounts.put(
          row.getString("tenant_id"),
          new Account(
              Anchors.of(row),
              Optional.ofNullable(row.getOffsetDateTime("closed_through"))
                  .map(OffsetDateTime::toInstant)));
    }
    return accounts;
  }
}
