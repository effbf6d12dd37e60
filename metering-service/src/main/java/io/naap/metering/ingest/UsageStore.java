package io.naap.metering.ingest;

import io.naap.contracts.metering.Unit;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Stores usage events in Postgres. A batch takes a fixed number of statements, whatever its size:
 * each statement takes its rows as one array per column.
 */
@ApplicationScoped
public class UsageStore {
  /** Separates the tags of an event in one text; tags are printable and cannot contain it. */
  private static final String SEPARATOR = "\u001f";

  /** The columns of {@code usage_event}, in the order of the insert's parameters. */
  private static final List<InsertColumn<StoredRow>> EVENT =
      List.of(
          InsertColumn.text("event_id", StoredRow::eventId),
          InsertColumn.whole("spool_position", one -> one.event().spoolPosition()),
          InsertColumn.time("opened_at", one -> one.event().openedAt()),
          InsertColumn.time("occurred_at", one -> one.event().occurredAt()),
          InsertColumn.time("received_at", StoredRow::receivedAt),
          InsertColumn.whole("requests", one -> one.event().units().get(Unit.REQUESTS)),
          InsertColumn.whole("pixels", one -> one.event().units().get(Unit.PIXELS)),
          InsertColumn.whole("generations", one -> one.event().units().get(Unit.GENERATIONS)),
          InsertColumn.whole("tokens_in", one -> one.event().units().get(Unit.TOKENS_IN)),
          InsertColumn.whole("tokens_out", one -> one.event().units().get(Unit.TOKENS_OUT)),
          InsertColumn.whole("milliseconds", one -> one.event().units().get(Unit.MILLISECONDS)),
          InsertColumn.whole("characters", one -> one.event().units().get(Unit.CHARACTERS)),
          InsertColumn.whole("cost", one -> one.metered().amount().nanos()),
          InsertColumn.whole("sponsored", StoredRow::sponsored),
          InsertColumn.whole("waived", one -> one.metered().waived().nanos()),
          InsertColumn.whole("estimated_cost", one -> one.event().estimatedCost().nanos()),
          InsertColumn.whole("network_cost", StoredRow::networkCost),
          InsertColumn.whole("latency_millis", one -> one.event().latencyMillis()),
          InsertColumn.number("sequence", one -> one.event().sequence()),
          InsertColumn.number("status", one -> one.event().status()),
          InsertColumn.text("tenant_id", one -> one.event().tenantId()),
          InsertColumn.text("key_id", one -> one.event().keyId()),
          InsertColumn.text("capability", one -> one.event().capability()),
          InsertColumn.text("model", one -> one.event().model()),
          InsertColumn.text("tier", one -> one.event().tier()),
          InsertColumn.text("pool", one -> one.event().pool()),
          InsertColumn.text("gateway", one -> one.event().gateway()),
          InsertColumn.text("instance", one -> one.event().instance()),
          InsertColumn.text("outcome", one -> one.event().outcome().word()),
          InsertColumn.text("plan", one -> one.event().plan()),
          InsertColumn.text("state", StoredRow::state),
          InsertColumn.flag("late", StoredRow::late),
          InsertColumn.text("reason", StoredRow::reason),
          InsertColumn.text("budget_id", StoredRow::budgetId),
          InsertColumn.text("funding_id", one -> one.event().fundingId().orElse(null)),
          InsertColumn.text("corrects", StoredRow::corrects),
          InsertColumn.text("tags", one -> String.join(SEPARATOR, one.event().tags())),
          InsertColumn.text("position", StoredRow::position),
          InsertColumn.text("payload", StoredRow::payload));

  private static final String INSERT =
      "insert into usage_event (%1$s) select %2$s from unnest(%3$s) as t(%1$s) on conflict (event_id) do nothing returning event_id"
          .formatted(
              InsertColumn.names(EVENT),
              InsertColumn.names(EVENT)
                  .replace("tags", "string_to_array(tags, E'\\x1f')")
                  .replace(", position", ", position::jsonb"),
              InsertColumn.parameters(EVENT));

  /** Inserts the events that are not stored yet; returns their ids. */
  public Set<String> insert(Tx tx, List<StoredRow> batch) {
    Set<String> fresh = new HashSet<>();
    tx.query(INSERT, InsertColumn.values(EVENT, batch)).forEach(row -> fresh.add(row.getString(0)));
    return fresh;
  }

  /** Returns the ids of those events that are stored already. */
  Set<String> known(Tx tx, Collection<String> eventIds) {
    return tx
        .query(
            "select event_id from usage_event where event_id = any($1)",
            (Object) eventIds.toArray(String[]::new))
        .stream()
        .map(row -> row.getString(0))
        .collect(Collectors.toSet());
  }

  /** Records late events as adjustments, which the tenant's next invoice shows. */
  void adjust(Tx tx, List<StoredRow> late) {
    if (late.isEmpty()) {
      return;
    }
    List<InsertColumn<StoredRow>> columns =
        List.of(
            InsertColumn.text("event_id", StoredRow::eventId),
            InsertColumn.text("tenant_id", one -> one.event().tenantId()),
            InsertColumn.time("occurred_at", one -> one.event().occurredAt()),
            InsertColumn.text("key_id", one -> one.event().keyId()),
            InsertColumn.text("capability", one -> one.event().capability()),
            InsertColumn.text("model", one -> one.event().model()),
            InsertColumn.whole("cost", one -> one.metered().amount().nanos()));
    tx.send(
        "insert into adjustment (%1$s) select * from unnest(%2$s)"
            .formatted(InsertColumn.names(columns), InsertColumn.parameters(columns)),
        InsertColumn.values(columns, late));
  }
}
