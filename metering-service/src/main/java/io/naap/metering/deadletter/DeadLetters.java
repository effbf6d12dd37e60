package io.naap.metering.deadletter;

import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.metering.correction.RepairRequest;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.ingest.StoredRow;
import io.naap.metering.ingest.UsageReader;
import io.naap.metering.job.Job;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Dead letters: stream entries that could not be stored. One of a usage stream is a job that is not
 * charged, so it stays open and in the metrics until an operator replays or dismisses it.
 */
@ApplicationScoped
public class DeadLetters implements Job {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final Transactions transactions;
  private final Ingest ingest;
  private final MeteringMetrics metrics;
  private final Clock clock;

  DeadLetters(Transactions transactions, Ingest ingest, MeteringMetrics metrics, Clock clock) {
    this.transactions = transactions;
    this.ingest = ingest;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** The key of a dead letter: its stream and the id of its entry. */
  record Id(String stream, String entryId) {}

  /** The outcome of a replay or a dismissal. */
  sealed interface Resolved {
    /**
     * The event is stored. Its state is that of the stored event, or {@code repeated} when the
     * event was stored before.
     */
    record Done(RepairRequest.Repaired event) implements Resolved {}

    /** The dead letter was dismissed. */
    record Dismissed() implements Resolved {}

    /** No dead letter with this id is open. */
    record NoneOpen() implements Resolved {}

    /** The entry is not from a usage stream, so it cannot be stored as usage. */
    record NotUsage() implements Resolved {}

    /** The event cannot be read, for the given reason; the dead letter stays open. */
    record Unreadable(String reason) implements Resolved {}
  }

  /**
   * Returns a page of dead letters, in descending order of stream and entry id.
   *
   * @param resolved true for resolved ones, false for open ones
   */
  Page<DeadLetter> list(boolean resolved, PageRequest page) {
    List<DeadLetter> found =
        transactions
            .run(
                tx ->
                    tx.query(
                        """
                        select stream, entry_id, payload, reason, arrived_at, resolution, resolved_at, resolved_by, note
                        from dead_letter
                        where (resolution is not null) = $1 and ($2 = '' or (stream, entry_id) < ($2, $3))
                        order by stream desc, entry_id desc limit $4\
                        """,
                        resolved,
                        page.after().map(end -> end.text(0)).orElse(""),
                        page.after().map(end -> end.text(1)).orElse(""),
                        page.oneMore()))
            .stream()
            .map(DeadLetters::read)
            .toList();
    return Page.of(found, page.size(), letter -> Cursor.of(letter.stream(), letter.entryId()));
  }

  private static DeadLetter read(Row row) {
    return new DeadLetter(
        row.getString("stream"),
        row.getString("entry_id"),
        row.getString("payload"),
        row.getString("reason"),
        row.getOffsetDateTime("arrived_at").toInstant(),
        new DeadLetter.Resolution(
            Optional.ofNullable(row.getString("resolution")),
            Optional.ofNullable(row.getOffsetDateTime("resolved_at")).map(time -> time.toInstant()),
            Optional.ofNullable(row.getString("resolved_by")),
            Optional.ofNullable(row.getString("note"))));
  }

  /**
   * Stores a dead letter as a usage event and marks it as replayed, in one transaction.
   *
   * @param repaired the repaired event as JSON; empty to try the stored payload again
   */
  Resolved replay(Id id, Optional<String> repaired, String by) {
    if (!id.stream().startsWith(Topics.USAGE_PREFIX)) {
      return new Resolved.NotUsage();
    }
    List<StoredRow> kept = new ArrayList<>();
    Resolved resolved = transactions.run(tx -> replay(tx, id, repaired, by, kept));
    ingest.done(kept);
    return resolved;
  }

  private Resolved replay(
      Tx tx, Id id, Optional<String> repaired, String by, List<StoredRow> kept) {
    Optional<Row> open = open(tx, id);
    if (open.isEmpty()) {
      return new Resolved.NoneOpen();
    }
    UsageRecorded event;
    try {
      event = UsageReader.read(repaired.orElseGet(() -> open.get().getString("payload")));
    } catch (IllegalArgumentException unreadable) {
      return new Resolved.Unreadable(String.valueOf(unreadable.getMessage()));
    }
    List<StoredRow> stored = ingest.store(tx, List.of(event));
    kept.addAll(stored);
    resolve(tx, id, "replayed", by, event.eventId());
    return new Resolved.Done(
        stored.stream()
            .findFirst()
            .map(
                one ->
                    new RepairRequest.Repaired(
                        one.eventId(), one.state(), one.reason(), one.metered().amount()))
            .orElse(new RepairRequest.Repaired(event.eventId(), "repeated", null, NanoUsd.ZERO)));
  }

  /** Marks a dead letter as dismissed. */
  Resolved dismiss(Id id, String why, String by) {
    return transactions.run(
        tx -> {
          if (open(tx, id).isEmpty()) {
            return new Resolved.NoneOpen();
          }
          resolve(tx, id, "dismissed", by, why);
          return new Resolved.Dismissed();
        });
  }

  private static Optional<Row> open(Tx tx, Id id) {
    return tx.one(
        "select payload from dead_letter where stream = $1 and entry_id = $2 and resolution is null"
            + " for update",
        id.stream(),
        id.entryId());
  }

  private void resolve(Tx tx, Id id, String how, String by, String note) {
    tx.change(
        "update dead_letter set resolution = $3, resolved_at = $4, resolved_by = $5, note = $6"
            + " where stream = $1 and entry_id = $2",
        id.stream(),
        id.entryId(),
        how,
        clock.instant().atOffset(ZoneOffset.UTC),
        by,
        note);
  }

  /** The number of open dead letters of usage streams, and when the oldest arrived. */
  public record Open(long entries, Optional<Instant> oldest) {}

  /** Counts the open dead letters of usage streams. */
  public static Open open(Tx tx) {
    Row row =
        tx.one(
                "select count(*) as entries, min(arrived_at) as oldest from dead_letter"
                    + " where resolution is null and starts_with(stream, $1)",
                Topics.USAGE_PREFIX)
            .orElseThrow();
    return new Open(
        row.getLong("entries"),
        Optional.ofNullable(row.getOffsetDateTime("oldest")).map(time -> time.toInstant()));
  }

  @Override
  public String name() {
    return "dead-letters";
  }

  @Override
  public Duration every() {
    return EVERY;
  }

  @Override
  public void run() {
    Open open = transactions.run(DeadLetters::open);
    metrics.deadLetters(
        open.entries(),
        open.oldest().map(at -> Duration.between(at, clock.instant()).toSeconds()).orElse(0L));
  }
}
