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

/** Rates a batch of usage events under the plan versions they name, in the caller's transaction. */
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

  /** Whether events are new or are rated for a repair of a stored event. */
  public enum Repair {
    NONE,
    /** The event is stored as quarantined and is rated again. */
    REPLAY,
    /** The event replaces a stored event that is reversed. */
    REPLACEMENT
  }

  /**
   * The parts of a tenant's account that rating needs. A tenant without an account is billed by
   * calendar month and has no closed period.
   */
  private record Account(Anchors anchors, Optional<Instant> closedThrough) {}

  /**
   * Rates events. For plans whose prices depend on the period, it locks the tenant's period
   * position in Postgres and moves it by each event, except by events that are stored already and
   * not being repaired.
   *
   * @param repair why the events are rated: because they are new, or for a repair
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

  /**
   * Reads the plan versions that the events name, each once. Names of versions that do not exist
   * are absent from the result.
   */
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
    // Read under the lock: no other transaction can store events of these positions until this one
    // ends.
    if (repair == Repair.NONE) {
      store.known(tx, dependent.stream().map(UsageRecorded::eventId).toList()).forEach(all::forget);
    }
    return all;
  }

  private static Period period(UsageRecorded event, Map<String, Anchors> anchors) {
    return anchors.getOrDefault(event.tenantId(), Anchors.CALENDAR).period(event.occurredAt());
  }

  /**
   * Limits in time that hold while a batch is stored.
   *
   * @param closed the latest instant up to which any tenant's period is closed
   * @param horizon event ids below this one are of days whose partitions were dropped
   */
  private record Bounds(Optional<Instant> closed, Optional<String> horizon) {}

  /**
   * Takes the shared closing lock, so that no period is closed until this batch is committed, and
   * reads the bounds.
   */
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
