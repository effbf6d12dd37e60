package io.naap.metering.requestlog;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.events.UsageEntry;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.inbox.Subscription;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Stores the request log that routers publish, and reads it, in Postgres. */
@ApplicationScoped
class RequestLog implements Subscription<RequestLogged> {
  private final Transactions transactions;

  RequestLog(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public String topic() {
    return Topics.REQUESTS;
  }

  /** An entry of the stream holds many lines of the log. */
  @Override
  public List<RequestLogged> read(String payload) {
    return UsageEntry.events(payload).stream().map(RequestLog::line).toList();
  }

  private static RequestLogged line(String payload) {
    RequestLogged line = Json.read(payload, RequestLogged.class);
    if (!IdKind.TENANT.matches(line.request().tenantId())
        || !IdKind.REQUEST.matches(line.request().requestId())) {
      throw new IllegalArgumentException("the line has no tenant or request");
    }
    return line;
  }

  @Override
  public void take(Tx tx, List<RequestLogged> lines) {
    tx.change(
        """
        insert into request_log (request_id, at, tenant_id, key_id, capability, model, status, refusal, pool, gateway,
          units, cost, latency_millis, upstream_millis)
        select i, a, t, k, c, m, s, r, p, g, u::jsonb, n, l, b
        from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int4[],
          $8::text[], $9::text[], $10::text[], $11::text[], $12::int8[], $13::int8[], $14::int8[])
          x(i, a, t, k, c, m, s, r, p, g, u, n, l, b)
        order by i on conflict do nothing\
        """,
        texts(lines, line -> line.request().requestId()),
        lines.stream()
            .map(line -> line.request().at().atOffset(ZoneOffset.UTC))
            .toArray(OffsetDateTime[]::new),
        texts(lines, line -> line.request().tenantId()),
        texts(lines, line -> line.request().keyId()),
        texts(lines, line -> line.request().capability()),
        texts(lines, line -> line.request().model()),
        lines.stream().map(line -> line.answer().status()).toArray(Integer[]::new),
        texts(lines, line -> line.answer().refusal().orElse(null)),
        texts(lines, line -> line.answer().pool().orElse(null)),
        texts(lines, line -> line.answer().gateway().orElse(null)),
        texts(lines, line -> units(line.units())),
        lines.stream().map(line -> line.cost().nanos()).toArray(Long[]::new),
        lines.stream().map(RequestLogged::latencyMillis).toArray(Long[]::new),
        lines.stream().map(RequestLogged::upstreamMillis).toArray(Long[]::new));
  }

  private static String[] texts(List<RequestLogged> lines, Function<RequestLogged, String> part) {
    return lines.stream().map(part).toArray(String[]::new);
  }

  private static String units(Units units) {
    return Json.write(units);
  }

  /** Restricts a query of the log. Absent parts restrict nothing. */
  record Filters(
      Optional<String> keyId,
      Optional<String> capability,
      Optional<String> model,
      Optional<Integer> status,
      Optional<Boolean> refused) {}

  /** The last line of a page, after which the next page begins. */
  record After(OffsetDateTime at, String requestId) {}

  /** A query of the log of one tenant. */
  record Question(
      String tenantId,
      Filters filters,
      OffsetDateTime from,
      OffsetDateTime to,
      Optional<After> after,
      int limit) {}

  List<RequestLogged> read(Question question) {
    List<Object> values = new ArrayList<>();
    StringBuilder where = new StringBuilder();
    add(where, values, "tenant_id = ", question.tenantId());
    add(where, values, "at >= ", question.from());
    add(where, values, "at < ", question.to());
    Filters filters = question.filters();
    filters.keyId().ifPresent(value -> add(where, values, "key_id = ", value));
    filters.capability().ifPresent(value -> add(where, values, "capability = ", value));
    filters.model().ifPresent(value -> add(where, values, "model = ", value));
    filters.status().ifPresent(value -> add(where, values, "status = ", value));
    filters
        .refused()
        .ifPresent(
            value -> where.append(value ? " and refusal is not null" : " and refusal is null"));
    if (question.after().isPresent()) {
      values.add(question.after().get().at());
      values.add(question.after().get().requestId());
      where.append(
          " and (at, request_id) < ($%d, $%d)".formatted(values.size() - 1, values.size()));
    }
    return transactions
        .run(
            tx ->
                tx.query(
                    "select *, units::text units_text from request_log where "
                        + where
                        + " order by at desc, request_id desc limit "
                        + question.limit(),
                    values.toArray()))
        .stream()
        .map(RequestLog::line)
        .toList();
  }

  private static void add(
      StringBuilder where, List<Object> values, String condition, Object value) {
    values.add(value);
    where
        .append(where.isEmpty() ? "" : " and ")
        .append(condition)
        .append('$')
        .append(values.size());
  }

  private static RequestLogged line(Row row) {
    return new RequestLogged(
        new RequestLogged.Request(
            row.getString("request_id"),
            row.getOffsetDateTime("at").toInstant(),
            row.getString("tenant_id"),
            row.getString("key_id"),
            row.getString("capability"),
            row.getString("model")),
        new RequestLogged.Answer(
            row.getInteger("status"),
            Optional.ofNullable(row.getString("refusal")),
            Optional.ofNullable(row.getString("pool")),
            Optional.ofNullable(row.getString("gateway"))),
        Json.read(row.getString("units_text"), Units.class),
        NanoUsd.ofNanos(row.getLong("cost")),
        row.getLong("latency_millis"),
        row.getLong("upstream_millis"));
  }
}
