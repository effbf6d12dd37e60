package io.naap.metering.ingest;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.rating.Plan;
import io.naap.metering.MeteringMetrics;
import io.naap.metering.cost.CostBook;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.plan.Assignments;
import io.naap.metering.plan.Plans;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.naap.store.stream.StreamReader;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Takes usage events in, a batch in one transaction: stored once, rated, counted, announced. Two
 * that take the same event at once wait for each other at its unique id; one of them stores it.
 */
@ApplicationScoped
public class Ingest {
  private static final Logger LOG = Logger.getLogger(Ingest.class);

  /** Shared by all that store usage, alone with whoever closes periods; see {@code Closing}. */
  public static final long CLOSING_LOCK = 7217;

  private static final Comparator<StoredRow> BY_TENANT =
      Comparator.comparing((StoredRow one) -> one.event().tenantId())
          .thenComparing(StoredRow::eventId);

  private final Transactions transactions;
  private final UsageStore store;
  private final Outbox outbox;
  private final Plans plans;
  private final Assignments assignments;
  private final CostBook costs;
  private final Ids ids;
  private final Clock clock;
  private final MeteringMetrics metrics;
  private final int batch;

  Ingest(
      Transactions transactions,
      UsageStore store,
      Outbox outbox,
      Plans plans,
      Assignments assignments,
      CostBook costs,
      Ids ids,
      Clock clock,
      MeteringMetrics metrics,
      IngestConfig config) {
    this.transactions = transactions;
    this.store = store;
    this.outbox = outbox;
    this.plans = plans;
    this.assignments = assignments;
    this.costs = costs;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
    this.batch = config.batch();
  }

  /** Whether events are new, or stored ones that a person repaired. */
  enum Repair {
    NONE,
    /** It was quarantined. */
    REPLAY,
    /** It takes the place of one that is taken back. */
    REPLACEMENT
  }

  private record Unreadable(StreamReader.Entry entry, String reason) {}

  /**
   * What a tenant's account says to its events; absent is the first of the month, nothing closed.
   */
  private record Account(Anchors anchors, Optional<Instant> closedThrough) {}

  /** What entries of a stream hold: events, what routers declare missing, and what is neither. */
  private record Read(
      List<UsageRecorded> events, List<UsageMissing> missing, List<Unreadable> unreadable) {
    Read {
      events = List.copyOf(events);
      missing = List.copyOf(missing);
      unreadable = List.copyOf(unreadable);
    }
  }

  /** Takes entries of a stream, several events in each; returns when they are committed. */
  void take(List<StreamReader.Entry> entries) {
    Read read = read(entries);
    takeOthers(read);
    for (int from = 0; from < read.events.size(); from += batch) {
      takeEvents(read.events.subList(from, Math.min(read.events.size(), from + batch)));
    }
  }

  private static Read read(List<StreamReader.Entry> entries) {
    List<UsageRecorded> events = new ArrayList<>(entries.size());
    List<UsageMissing> missing = new ArrayList<>();
    List<Unreadable> unreadable = new ArrayList<>();
    for (StreamReader.Entry entry : entries) {
      Optional<List<UsageRecorded>> usual =
          entry.payload() == null ? Optional.empty() : UsageText.read(entry.payload());
      if (usual.isPresent()) {
        events.addAll(usual.get());
      } else {
        for (StreamReader.Entry one : parts(entry)) {
          Optional<UsageMissing> declared = UsageReader.missing(one.payload());
          if (declared.isPresent()) {
            missing.add(declared.get());
            continue;
          }
          try {
            events.add(UsageReader.read(one.payload()));
          } catch (IllegalArgumentException notUsage) {
            unreadable.add(new Unreadable(one, String.valueOf(notUsage.getMessage())));
          }
        }
      }
    }
    return new Read(events, missing, unreadable);
  }

  /** The events of an entry, named apart, so that each one that cannot be read is kept. */
  private static List<StreamReader.Entry> parts(StreamReader.Entry entry) {
    if (entry.payload() == null) {
      return List.of(entry);
    }
    try {
      List<String> events = UsageEntry.events(entry.payload());
      return IntStream.range(0, events.size())
          .mapToObj(
              at ->
                  new StreamReader.Entry(
                      entry.stream(),
                      events.size() == 1 ? entry.id() : entry.id() + "/" + at,
                      events.get(at)))
          .toList();
    } catch (IllegalArgumentException unreadable) {
      return List.of(entry);
    }
  }

  /** Takes what is no event, apart from the events: there is hardly ever any. */
  private void takeOthers(Read read) {
    if (read.missing.isEmpty() && read.unreadable.isEmpty()) {
      return;
    }
    List<UsageMissing> fresh =
        transactions.run(
            tx -> {
              setApart(tx, read.unreadable);
              return store.declare(tx, read.missing);
            });
    metrics.unreadable(read.unreadable.size());
    for (UsageMissing one : fresh) {
      metrics.missing();
      LOG.logf(
          UsageMissing.UNCLOSED.equals(one.reason()) ? Logger.Level.WARN : Logger.Level.ERROR,
          "usage is missing and not waited for, instance=%s first=%d last=%d reason=%s",
          one.instance(),
          one.missingFrom(),
          one.missingTo(),
          one.reason());
    }
  }

  private void takeEvents(List<UsageRecorded> events) {
    Map<String, UsageRecorded> once = LinkedHashMap.newLinkedHashMap(events.size());
    events.forEach(event -> once.putIfAbsent(event.eventId(), event));
    List<UsageRecorded> batch = List.copyOf(once.values());
    List<StoredRow> stored = transactions.run(tx -> store(tx, batch));
    done(stored);
    metrics.repeated(batch.size() - stored.size());
  }

  /** After the commit: what was stored leaves, and is counted. */
  void done(List<StoredRow> stored) {
    outbox.poke();
    stored.stream()
        .collect(Collectors.groupingBy(StoredRow::state, Collectors.summingInt(one -> 1)))
        .forEach(metrics::stored);
    for (StoredRow one : stored) {
      if (one.isQuarantined()) {
        LOG.errorf("usage quarantined, event=%s reason=%s", one.eventId(), one.reason());
      }
    }
  }

  /** Stores those that are new, in the caller's transaction; gives them as they are stored. */
  List<StoredRow> store(Tx tx, List<UsageRecorded> batch) {
    // In one order, so that two that store the same events never wait in a circle; by tenant first,
    // so that its index is written leaf by leaf.
    List<StoredRow> rated = rate(tx, batch, Repair.NONE).stream().sorted(BY_TENANT).toList();
    Set<String> fresh = store.insert(tx, rated);
    List<StoredRow> stored = rated.stream().filter(one -> fresh.contains(one.eventId())).toList();
    count(tx, stored);
    store.arrive(tx, batch);
    return stored;
  }

  /**
   * Rates events. Those of plans whose prices depend on the period are rated under its lock, and
   * only when they are new.
   *
   * @param repair whether they are stored already, and are rated again
   */
  List<StoredRow> rate(Tx tx, List<UsageRecorded> batch, Repair repair) {
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
    for (UsageRecorded event : batch) {
      Optional<Plan> plan = Optional.ofNullable(known.get(event.plan()));
      RatedEvent metered =
          bounds.horizon.filter(horizon -> event.eventId().compareTo(horizon) < 0).isPresent()
              ? new RatedEvent.Quarantined(event, "older than what is kept")
              : Rater.rate(
                  event,
                  plan,
                  positions.isWanted(event)
                      ? Optional.of(positions.before(event))
                      : Optional.empty());
      if (positions.isWanted(event) && metered instanceof RatedEvent.Charged charged) {
        positions.after(event, charged.rated());
      }
      boolean replaces = repair == Repair.REPLACEMENT;
      rated.add(
          new StoredRow(
              metered,
              replaces ? event.eventId() + "-c" : event.eventId(),
              isLate(event, accounts),
              costs.of(tx, event),
              now,
              replaces ? event.eventId() : null));
    }
    positions.store(tx);
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
    tx.query("select pg_advisory_xact_lock_shared($1)", CLOSING_LOCK);
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

  /** Sums, adjustments and announcements of events that were just stored. */
  void count(Tx tx, List<StoredRow> stored) {
    List<StoredRow> counted = stored.stream().filter(one -> !one.isQuarantined()).toList();
    store.count(tx, counted);
    store.adjust(tx, counted.stream().filter(StoredRow::late).toList());
    outbox.add(
        tx,
        Topic.CHARGES,
        counted.stream()
            .filter(one -> one.metered() instanceof RatedEvent.Charged)
            .map(this::announcement)
            .toList());
  }

  private String announcement(StoredRow one) {
    UsageRecorded event = one.event();
    return text(
        new ChargeRated(
            ids.next(IdKind.EVENT),
            one.eventId(),
            event.requestId(),
            event.occurredAt(),
            one.receivedAt(),
            event.tenantId(),
            event.keyId(),
            event.capability(),
            event.model(),
            event.pool(),
            event.gateway(),
            event.units(),
            event.plan(),
            event.fundingId(),
            one.metered().amount(),
            one.metered().sponsored().filter(Ingest::isPositive),
            Optional.of(event.estimatedCost())));
  }

  private static boolean isPositive(Sponsored part) {
    return part.amount().isPositive();
  }

  private static String text(ChargeRated charge) {
    return Json.write(charge);
  }

  private static void setApart(Tx tx, List<Unreadable> unreadable) {
    for (Unreadable one : unreadable) {
      LOG.errorf(
          "usage cannot be stored and is not paid: repair and replay it, stream=%s entry=%s",
          one.entry().stream(), one.entry().id());
      tx.change(
          "insert into dead_letter (stream, entry_id, payload, reason) values ($1, $2, $3, $4)"
              + " on conflict do nothing",
          one.entry().stream(),
          one.entry().id(),
          String.valueOf(one.entry().payload()),
          one.reason());
    }
  }
}
