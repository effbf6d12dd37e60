package io.naap.metering.usage;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.EventId;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads usage events from Postgres page by page, so that memory holds only one page. */
@ApplicationScoped
public class StoredEvents {
  private static final int EXPORT_PAGE = 5_000;
  private static final Duration DAY = Duration.ofDays(1);
  private static final String BY_TIME = " order by occurred_at desc, event_id desc limit ";
  private static final String BY_ID = " order by event_id desc limit ";

  private final Transactions transactions;

  StoredEvents(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The last event of a page, after which the next page begins. */
  public record After(OffsetDateTime occurredAt, String eventId) {}

  /**
   * An event with the position needed to rate it again.
   *
   * @param position the position of its period before the event, when its plan's prices depend on
   *     it
   */
  public record Event(UsageEventView view, Optional<PeriodUsage> position) {}

  public Optional<Event> find(String eventId) {
    return transactions.run(
        tx ->
            tx.one(
                    "select *, position::text as position_text from usage_event where event_id ="
                        + " $1",
                    eventId)
                .map(StoredEvents::event));
  }

  /** Returns a page of the events that match a query, the newest first. */
  Page<UsageEventView> page(
      UsageQuestion question, Optional<String> requestId, Optional<After> after) {
    return Page.of(
        transactions.run(tx -> read(tx, question, requestId, after, question.limit() + 1)).stream()
            .map(Event::view)
            .toList(),
        question.limit(),
        event -> Cursor.of(event.occurredAt(), event.eventId()));
  }

  /**
   * Passes every event that matches a query to a consumer, the newest first. Each page is read in a
   * transaction of its own.
   */
  public void each(UsageQuestion question, Consumer<Event> reader) {
    Optional<After> after = Optional.empty();
    while (true) {
      Optional<After> from = after;
      List<Event> page =
          transactions.run(tx -> read(tx, question, Optional.empty(), from, EXPORT_PAGE));
      page.forEach(reader);
      if (page.size() < EXPORT_PAGE) {
        return;
      }
      UsageEventView last = page.getLast().view();
      after = Optional.of(new After(last.occurredAt().atOffset(ZoneOffset.UTC), last.eventId()));
    }
  }

  /**
   * Reads a page. For one tenant or one request: the newest first, by an index. For all tenants: in
   * descending order of event ids, which begin with the time of the request. It reads the ids from
   * a day before to a day after the range first, so that Postgres reads only those partitions; then
   * smaller ids, for jobs that began more than a day before the range.
   */
  private static List<Event> read(
      Tx tx, UsageQuestion question, Optional<String> requestId, Optional<After> after, int limit) {
    if (question.filters().tenantId().isPresent() || requestId.isPresent()) {
      return read(tx, conditions(question, requestId).after(after), BY_TIME, limit);
    }
    String early = floor(tx, question.from().minus(DAY));
    String late = floor(tx, question.to().plus(DAY));
    List<Event> events = new ArrayList<>();
    if (after.isEmpty() || after.get().eventId().compareTo(early) >= 0) {
      String below = after.map(After::eventId).orElse(late);
      Conditions days = conditions(question, requestId);
      days.add("event_id >= ", early);
      days.add("event_id < ", below.compareTo(late) < 0 ? below : late);
      events.addAll(read(tx, days, BY_ID, limit));
    }
    if (events.size() < limit) {
      Conditions before = conditions(question, requestId);
      String below = after.map(After::eventId).orElse(early);
      before.add("event_id < ", below.compareTo(early) < 0 ? below : early);
      events.addAll(read(tx, before, BY_ID, limit - events.size()));
    }
    return events;
  }

  /** The smallest event id of an instant. */
  private static String floor(Tx tx, Instant at) {
    return tx.one("select id_floor($1)", at.atOffset(ZoneOffset.UTC)).orElseThrow().getString(0);
  }

  /** The SQL conditions of a page and their parameters. */
  private record Conditions(StringBuilder where, List<Object> parameters) {
    void add(String condition, Object value) {
      UsageQueries.add(where, parameters, condition, value);
    }

    Conditions after(Optional<After> after) {
      after.ifPresent(
          position -> {
            parameters.add(position.occurredAt());
            parameters.add(position.eventId());
            where.append(
                " and (occurred_at, event_id) < ($%d, $%d)"
                    .formatted(parameters.size() - 1, parameters.size()));
          });
      return this;
    }
  }

  private static Conditions conditions(UsageQuestion question, Optional<String> requestId) {
    Conditions conditions = new Conditions(new StringBuilder("true"), new ArrayList<>());
    UsageQueries.filter(conditions.where(), conditions.parameters(), question.filters());
    question
        .filters()
        .tag()
        .ifPresent(
            tag ->
                UsageQueries.add(
                    conditions.where(), conditions.parameters(), "tags @> array[", tag, "::text]"));
    requestId.ifPresent(
        value -> {
          // The ids of a request's events begin with the request id and a hyphen.
          conditions.add("event_id >= ", value + "-");
          conditions.add("event_id < ", value + ".");
        });
    conditions.add("occurred_at >= ", question.from().atOffset(ZoneOffset.UTC));
    conditions.add("occurred_at < ", question.to().atOffset(ZoneOffset.UTC));
    return conditions;
  }

  private static List<Event> read(Tx tx, Conditions conditions, String order, int limit) {
    return tx
        .query(
            "select *, position::text as position_text from usage_event where "
                + conditions.where()
                + order
                + limit,
            conditions.parameters().toArray())
        .stream()
        .map(StoredEvents::event)
        .toList();
  }

  private static Event event(Row row) {
    return new Event(
        view(row),
        "reversal".equals(row.getString("state"))
            ? Optional.empty()
            : Optional.ofNullable(row.getString("position_text"))
                .map(text -> Json.read(text, PeriodUsage.class)));
  }

  private static UsageEventView view(Row row) {
    String eventId = row.getString("event_id");
    Map<Unit, Long> units = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      units.put(unit, Math.abs(row.getLong(unit.wireName())));
    }
    Long networkCost = row.getLong("network_cost");
    return new UsageEventView(
        new UsageEventView.Source(
            eventId,
            EventId.requestId(eventId),
            row.getInteger("sequence"),
            row.getOffsetDateTime("opened_at").toInstant(),
            row.getOffsetDateTime("occurred_at").toInstant(),
            row.getOffsetDateTime("received_at").toInstant()),
        new UsageRecorded.Who(
            row.getString("tenant_id"),
            row.getString("key_id"),
            List.of(row.getArrayOfStrings("tags"))),
        new UsageEventView.Job(
            row.getString("capability"),
            row.getString("model"),
            row.getString("tier"),
            row.getInteger("status"),
            row.getString("outcome")),
        Measured.of(Units.of(units)),
        new UsageEventView.Billing(
            row.getString("plan"),
            row.getString("state"),
            row.getBoolean("late"),
            row.getString("reason"),
            row.getString("corrects")),
        new UsageEventView.Amounts(
            NanoUsd.ofNanos(row.getLong("cost")),
            nonZero(row.getLong("sponsored")),
            nonZero(row.getLong("waived")),
            networkCost == null ? null : NanoUsd.ofNanos(networkCost)),
        row.getLong("latency_millis"));
  }

  private static NanoUsd nonZero(long nanos) {
    return nanos == 0 ? null : NanoUsd.ofNanos(nanos);
  }
}
