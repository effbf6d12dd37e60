package io.naap.metering.invoice;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.ingest.Ingest;
import io.naap.metering.job.Job;
import io.naap.metering.metrics.MeteringMetrics;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.webhook.Announcements;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Closes periods whose grace is over and makes their invoices final. The period is closed first,
 * under a lock that keeps usage from being stored, and the invoice is made afterwards from usage
 * that can no longer change: so an event is either on the invoice or late. A crash at any point is
 * safe, as the next run continues; with nothing due a run changes nothing.
 */
@ApplicationScoped
public class PeriodClosing implements Job {
  private static final int AT_ONCE = 200;

  /** Kinds of lines that are charged by the invoice itself; usage was charged when it was rated. */
  private static final Set<String> FEES =
      Set.of("subscription", "minimum", "adjustment", "tax", "rounding");

  private final Transactions transactions;
  private final InvoiceFacts facts;
  private final Outbox outbox;
  private final Announcements announcements;
  private final InvoiceConfig config;
  private final Ids ids;
  private final Clock clock;
  private final MeteringMetrics metrics;

  PeriodClosing(
      Transactions transactions,
      InvoiceFacts facts,
      Outbox outbox,
      Announcements announcements,
      InvoiceConfig config,
      Ids ids,
      Clock clock,
      MeteringMetrics metrics) {
    this.transactions = transactions;
    this.facts = facts;
    this.outbox = outbox;
    this.announcements = announcements;
    this.config = config;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "closing";
  }

  @Override
  public Duration every() {
    return config.every();
  }

  @Override
  public void run() {
    closeUntil(clock.instant().minus(config.grace()));
  }

  /** Closes every period that ended by then; returns how many invoices it made final. */
  int closeUntil(Instant ended) {
    open(ended);
    int made = 0;
    while (true) {
      Map<Period, List<String>> due = due(ended);
      if (due.isEmpty()) {
        return made;
      }
      for (Map.Entry<Period, List<String>> one : due.entrySet()) {
        close(one.getKey(), one.getValue());
        made += finish(one.getKey(), one.getValue());
      }
    }
  }

  /**
   * Creates accounts for tenants that were active before the calendar month of {@code ended} or
   * have late usage, so that their periods are closed.
   */
  private void open(Instant ended) {
    Instant month = Period.of(1, ended).start();
    List<String> fresh =
        transactions
            .run(
                tx ->
                    tx.query(
                        """
                        select distinct tenant_id from (
                          select tenant_id from usage_day where bucket < $1
                          union all select tenant_id from tenant_assignment where created_at < $1
                          union all select tenant_id from adjustment where invoice_id is null
                        ) active
                        where not exists (select 1 from tenant_account a
                          where a.tenant_id = active.tenant_id and a.invoiced_through is not null)\
                        """,
                        month.atOffset(ZoneOffset.UTC)))
            .stream()
            .map(row -> row.getString(0))
            .toList();
    if (fresh.isEmpty()) {
      return;
    }
    transactions.run(
        tx -> {
          tx.query("select pg_advisory_xact_lock($1)", Ingest.CLOSING_LOCK);
          return tx.change(
              """
              insert into tenant_account (tenant_id, closed_through, invoiced_through)
              select tenant_id, since, since from (
                select tenant_id, date_trunc('month', least(
                  (select min(bucket) from usage_day d where d.tenant_id = t.tenant_id),
                  (select min(greatest(effective_from, created_at)) from tenant_assignment a where a.tenant_id = t.tenant_id)
                ), 'UTC') as since
                from unnest($1::text[]) t(tenant_id)
              ) first where since is not null
              on conflict (tenant_id) do update
                set closed_through = excluded.closed_through, invoiced_through = excluded.invoiced_through
                where tenant_account.invoiced_through is null\
              """,
              (Object) fresh.toArray(String[]::new));
        });
  }

  private Map<Period, List<String>> due(Instant ended) {
    Map<Period, List<String>> due = new LinkedHashMap<>();
    for (Row row :
        transactions.run(
            tx ->
                tx.query(
                    // A period has at least 28 days, except one that begins when the anchor day
                    // changes.
                    "select tenant_id, invoiced_through, "
                        + Anchors.COLUMNS
                        + " from tenant_account where invoiced_through <= $1"
                        + " or (invoiced_through < $2 and invoiced_through = any(anchor_from))"
                        + " order by invoiced_through, tenant_id limit 5000",
                    ended.minus(28, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC),
                    ended.atOffset(ZoneOffset.UTC)))) {
      Period period = Anchors.of(row).period(row.getOffsetDateTime("invoiced_through").toInstant());
      if (!period.end().isAfter(ended)) {
        due.computeIfAbsent(period, key -> new ArrayList<>()).add(row.getString("tenant_id"));
      }
    }
    return due;
  }

  /**
   * Closes a period for tenants. The exclusive lock waits until every running batch is committed;
   * later batches see the period as closed.
   */
  private void close(Period period, List<String> tenants) {
    transactions.run(
        tx -> {
          tx.query("select pg_advisory_xact_lock($1)", Ingest.CLOSING_LOCK);
          // Rows are locked in the same order as when invoices are made, so that two replicas
          // cannot deadlock.
          return tx.change(
              """
              with open as (
                select tenant_id from tenant_account
                where tenant_id = any($1) and (closed_through is null or closed_through < $2)
                order by tenant_id for update
              )
              update tenant_account a set closed_through = $2 from open where a.tenant_id = open.tenant_id\
              """,
              tenants.toArray(String[]::new),
              period.end().atOffset(ZoneOffset.UTC));
        });
  }

  private int finish(Period period, List<String> tenants) {
    int made = 0;
    for (int from = 0; from < tenants.size(); from += AT_ONCE) {
      List<String> some = tenants.subList(from, Math.min(tenants.size(), from + AT_ONCE));
      made += transactions.run(tx -> finish(tx, period, some));
      outbox.poke();
    }
    metrics.invoices("final", made);
    return made;
  }

  private int finish(Tx tx, Period period, List<String> tenants) {
    // A second replica waits for these row locks and then finds no tenant left to invoice.
    List<String> open =
        tx
            .query(
                "select tenant_id from tenant_account where tenant_id = any($1) and"
                    + " invoiced_through = $2 order by tenant_id for update",
                tenants.toArray(String[]::new),
                period.start().atOffset(ZoneOffset.UTC))
            .stream()
            .map(row -> row.getString(0))
            .toList();
    Map<String, String> drafts = new HashMap<>();
    tx.query(
            "select id, tenant_id from invoice where tenant_id = any($1) and period_start = $2 and"
                + " kind = 'invoice'",
            open.toArray(String[]::new),
            period.start().atOffset(ZoneOffset.UTC))
        .forEach(row -> drafts.put(row.getString("tenant_id"), row.getString("id")));
    List<Invoice> invoices = new ArrayList<>();
    for (InvoiceMaker.Facts one :
        facts.of(
            tx,
            open,
            period,
            tenant ->
                Optional.ofNullable(drafts.get(tenant))
                    .orElseGet(() -> ids.next(IdKind.INVOICE)))) {
      Invoice made = InvoiceMaker.make(one);
      if (!made.lines().isEmpty()) {
        invoices.add(made);
      }
    }
    store(tx, invoices);
    tx.change(
        "update tenant_account set invoiced_through = $2 where tenant_id = any($1)",
        open.toArray(String[]::new),
        period.end().atOffset(ZoneOffset.UTC));
    return invoices.size();
  }

  private void store(Tx tx, List<Invoice> made) {
    if (made.isEmpty()) {
      return;
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Map<String, Integer> terms = new HashMap<>();
    tx.query(
            "select tenant_id, terms_days from tenant_account where tenant_id = any($1)",
            (Object) made.stream().map(Invoice::tenantId).toArray(String[]::new))
        .forEach(row -> terms.put(row.getString(0), row.getInteger(1)));
    long last = number(tx, made.size());
    List<Invoice> invoices = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    for (Invoice one : made) {
      long number = last - made.size() + 1 + invoices.size();
      numbers.add(number);
      Instant dueAt = now.plus(terms.getOrDefault(one.tenantId(), 14), ChronoUnit.DAYS);
      invoices.add(
          one.with(
              new Invoice.Progress(
                  Optional.of(shown(number)),
                  one.due().isZero() ? "paid" : "final",
                  Optional.of(now),
                  Optional.of(dueAt),
                  NanoUsd.ZERO)));
    }
    insert(tx, invoices, numbers);
    tx.change(
        """
        update adjustment a set invoice_id = i.id from unnest($1::text[], $2::text[]) i(tenant_id, id)
        where a.tenant_id = i.tenant_id and a.invoice_id is null\
        """,
        invoices.stream().map(Invoice::tenantId).toArray(String[]::new),
        invoices.stream().map(Invoice::id).toArray(String[]::new));
    announce(tx, invoices, now);
  }

  /**
   * Reserves consecutive invoice numbers and returns the last. They are rolled back with the
   * transaction of the invoices, so there are no gaps.
   */
  static long number(Tx tx, int count) {
    return tx.one("update invoice_counter set last = last + $1 returning last", (long) count)
        .orElseThrow()
        .getLong(0);
  }

  String shown(long number) {
    return config.numberPrefix() + "%06d".formatted(number);
  }

  static void insert(Tx tx, List<Invoice> invoices, List<Long> numbers) {
    tx.change(
        """
        insert into invoice (id, tenant_id, kind, number, status, period_start, period_end, document, total, due, due_at,
          finalized_at, of_invoice)
        select id, tenant_id, kind, number, status, period_start, period_end, document::jsonb, total, due, due_at,
          finalized_at, of_invoice
        from unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::timestamptz[], $7::timestamptz[],
          $8::text[], $9::int8[], $10::int8[], $11::timestamptz[], $12::timestamptz[], $13::text[])
          t(id, tenant_id, kind, number, status, period_start, period_end, document, total, due, due_at, finalized_at,
            of_invoice)
        on conflict (id) do update set number = excluded.number, status = excluded.status, document = excluded.document,
          total = excluded.total, due = excluded.due, due_at = excluded.due_at, finalized_at = excluded.finalized_at\
        """,
        texts(invoices.stream().map(Invoice::id).toList()),
        texts(invoices.stream().map(Invoice::tenantId).toList()),
        texts(invoices.stream().map(Invoice::kind).toList()),
        numbers.toArray(Long[]::new),
        texts(invoices.stream().map(Invoice::status).toList()),
        times(invoices.stream().map(one -> one.identity().periodStart()).toList()),
        times(invoices.stream().map(one -> one.identity().periodEnd()).toList()),
        texts(invoices.stream().map(PeriodClosing::text).toList()),
        invoices.stream().map(one -> one.total().nanos()).toArray(Long[]::new),
        invoices.stream().map(one -> one.due().nanos()).toArray(Long[]::new),
        times(invoices.stream().map(one -> one.progress().dueAt().orElseThrow()).toList()),
        times(invoices.stream().map(one -> one.progress().finalizedAt().orElseThrow()).toList()),
        texts(invoices.stream().map(one -> one.identity().ofInvoice().orElse(null)).toList()));
  }

  static String text(Invoice invoice) {
    return Json.write(invoice);
  }

  private static Object texts(List<String> values) {
    return values.toArray(String[]::new);
  }

  private static Object times(List<Instant> values) {
    return values.stream()
        .map(value -> value.atOffset(ZoneOffset.UTC))
        .toArray(java.time.OffsetDateTime[]::new);
  }

  private void announce(Tx tx, List<Invoice> invoices, Instant now) {
    List<String> fees = new ArrayList<>();
    List<String> finals = new ArrayList<>();
    for (Invoice invoice : invoices) {
      for (Invoice.Line line : invoice.lines()) {
        if (FEES.contains(line.kind()) && !line.exact().isZero()) {
          fees.add(
              Json.write(
                  new FeeCharged(
                      ids.next(IdKind.EVENT),
                      now,
                      invoice.tenantId(),
                      line.kind(),
                      invoice.id(),
                      line.exact())));
        }
      }
      finals.add(
          Json.write(
              new InvoiceFinalized(
                  ids.next(IdKind.EVENT),
                  now,
                  invoice.tenantId(),
                  invoice.id(),
                  invoice.number().orElseThrow(),
                  invoice.due(),
                  invoice.progress().dueAt().orElseThrow())));
    }
    outbox.add(tx, Topic.FEES, fees);
    outbox.add(tx, Topic.INVOICES, finals);
    announcements.addAll(tx, invoices.stream().map(Invoice::announcement).toList());
  }
}
