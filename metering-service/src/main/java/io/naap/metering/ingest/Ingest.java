package io.naap.metering.ingest;

import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.metering.inbox.IngestConfig;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.metering.watermark.SpoolArrivals;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.naap.store.stream.StreamReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Stores usage events. Each batch is stored, rated, added to the sums and announced in one
 * transaction. When two transactions store the same event at once, the second waits at the unique
 * event id and then skips the event.
 */
@ApplicationScoped
public class Ingest {
  private static final Logger LOG = Logger.getLogger(Ingest.class);

  /**
   * Postgres advisory lock: shared while storing usage, exclusive while {@code PeriodClosing}
   * closes periods.
   */
  public static final long CLOSING_LOCK = 7217;

  private static final Comparator<StoredRow> BY_TENANT =
      Comparator.comparing((StoredRow one) -> one.event().tenantId())
          .thenComparing(StoredRow::eventId);

  private final Transactions transactions;
  private final UsageStore store;
  private final BatchRater rater;
  private final Outbox outbox;
  private final Ids ids;
  private final MeteringMetrics metrics;
  private final int batch;

  Ingest(
      Transactions transactions,
      UsageStore store,
      BatchRater rater,
      Outbox outbox,
      Ids ids,
      MeteringMetrics metrics,
      IngestConfig config) {
    this.transactions = transactions;
    this.store = store;
    this.rater = rater;
    this.outbox = outbox;
    this.ids = ids;
    this.metrics = metrics;
    this.batch = config.batch();
  }

  /**
   * Stores the events of stream entries, several events in each entry; returns after the commit.
   */
  void take(List<StreamReader.Entry> entries) {
    UsageEntries read = UsageEntries.read(entries);
    takeOthers(read);
    for (int from = 0; from < read.events().size(); from += batch) {
      takeEvents(read.events().subList(from, Math.min(read.events().size(), from + batch)));
    }
  }

  /**
   * Stores declarations of missing usage and dead letters in a transaction of their own; nearly
   * every batch has none.
   */
  private void takeOthers(UsageEntries read) {
    if (read.missing().isEmpty() && read.unreadable().isEmpty()) {
      return;
    }
    List<UsageMissing> fresh =
        transactions.run(
            tx -> {
              setApart(tx, read.unreadable());
              return SpoolArrivals.declare(tx, read.missing());
            });
    metrics.unreadable(read.unreadable().size());
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

  /**
   * Called after the commit: starts the sending of outbox rows, and counts and logs what was
   * stored.
   */
  public void done(List<StoredRow> stored) {
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

  /** Stores the events that are new, in the caller's transaction; returns the rows it stored. */
  public List<StoredRow> store(Tx tx, List<UsageRecorded> batch) {
    // Rows are inserted in the same order in every transaction, so that two that store the same
    // events cannot deadlock. Sorted by tenant first, so that inserts into the tenant index are
    // next to each other.
    List<StoredRow> rated =
        rater.rate(tx, batch, BatchRater.Repair.NONE).stream().sorted(BY_TENANT).toList();
    Set<String> fresh = store.insert(tx, rated);
    List<StoredRow> stored = rated.stream().filter(one -> fresh.contains(one.eventId())).toList();
    count(tx, stored);
    SpoolArrivals.arrive(tx, batch);
    return stored;
  }

  /**
   * Adds just stored events to the sums, the late ones to the adjustments, and the charges to the
   * outbox. Skips quarantined events.
   */
  public void count(Tx tx, List<StoredRow> stored) {
    List<StoredRow> counted = stored.stream().filter(one -> !one.isQuarantined()).toList();
    UsageSums.count(tx, counted.stream().map(UsageSums.Counted::of).toList());
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
            new ChargeRated.Source(
                ids.next(IdKind.EVENT),
                one.eventId(),
                event.requestId(),
                event.occurredAt(),
                one.receivedAt()),
            new ChargeRated.Job(
                event.tenantId(),
                event.keyId(),
                event.capability(),
                event.model(),
                event.pool(),
                event.gateway(),
                event.units()),
            new ChargeRated.Price(
                event.plan(),
                event.fundingId(),
                one.metered().amount(),
                one.metered().sponsored().filter(Ingest::isPositive),
                Optional.of(event.estimatedCost()))));
  }

  private static boolean isPositive(Sponsored part) {
    return part.amount().isPositive();
  }

  private static String text(ChargeRated charge) {
    return Json.write(charge);
  }

  private static void setApart(Tx tx, List<UsageEntries.Unreadable> unreadable) {
    for (UsageEntries.Unreadable one : unreadable) {
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
