package io.naap.metering.invoice;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.InvoicePaid;
import io.naap.contracts.events.Topic;
import io.naap.contracts.events.Topics;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.inbox.Inbox;
import io.naap.metering.inbox.Subscription;
import io.naap.metering.period.Anchors;
import io.naap.metering.webhook.Announcements;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads invoices from Postgres and changes them after they are final: credit notes, payments,
 * voiding and writing off.
 */
@ApplicationScoped
public class Invoices implements Subscription<InvoicePaid> {
  private final Transactions transactions;
  private final InvoiceFacts facts;
  private final PeriodClosing closing;
  private final Announcements announcements;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  Invoices(
      Transactions transactions,
      InvoiceFacts facts,
      PeriodClosing closing,
      Announcements announcements,
      Outbox outbox,
      Ids ids,
      Clock clock) {
    this.transactions = transactions;
    this.facts = facts;
    this.closing = closing;
    this.announcements = announcements;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  List<Invoice> page(Optional<String> tenantId, Optional<String> after, int limit) {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select document::text, status, paid from invoice
                    where status <> 'draft' and ($1::text is null or tenant_id = $1) and ($2::text is null or id < $2)
                    order by id desc limit $3\
                    """,
                    tenantId.orElse(null),
                    after.orElse(null),
                    limit))
        .stream()
        .map(Invoices::invoice)
        .toList();
  }

  Optional<Invoice> find(String id) {
    return transactions.run(tx -> find(tx, id, ""));
  }

  private static Optional<Invoice> find(Tx tx, String id, String lock) {
    return tx.one(
            "select document::text, status, paid from invoice where id = $1 and status <> 'draft'"
                + lock,
            id)
        .map(Invoices::invoice);
  }

  private static Invoice invoice(Row row) {
    Invoice stored = Json.read(row.getString(0), Invoice.class);
    return stored.with(
        stored.progress().with(row.getString("status"), NanoUsd.ofNanos(row.getLong("paid"))));
  }

  /**
   * Computes what the invoice of the period that contains an instant would be now. Stores nothing.
   */
  Invoice draft(String tenantId, Instant at) {
    return transactions.run(
        tx -> {
          return InvoiceMaker.make(
              facts
                  .of(tx, List.of(tenantId), Anchors.of(tx, tenantId).period(at), tenant -> "draft")
                  .getFirst());
        });
  }

  /** Reads the facts of a final invoice again. */
  Optional<InvoiceMaker.Facts> factsOf(Tx tx, Invoice invoice) {
    return facts
        .of(
            tx,
            List.of(invoice.tenantId()),
            Anchors.of(tx, invoice.tenantId()).period(invoice.identity().periodStart()),
            tenant -> invoice.id())
        .stream()
        .findFirst();
  }

  /**
   * Stores a credit note over a part of an invoice and announces it to the ledger and the tenant.
   * All credit notes together cannot exceed the invoice.
   */
  Invoice credit(Tx tx, String id, NanoUsd amount, String reason) {
    Invoice of = find(tx, id, " for update").orElseThrow(() -> Refusal.notFound("invoice").raise());
    if (Invoice.CREDIT_NOTE.equals(of.kind()) || "void".equals(of.status())) {
      throw Refusal.conflict("not_creditable", "Only an invoice that is not void is credited.")
          .raise();
    }
    long before =
        tx.one("select coalesce(sum(total), 0)::int8 from invoice where of_invoice = $1", id)
            .orElseThrow()
            .getLong(0);
    if (!amount.isPositive() || amount.nanos() - before > of.total().nanos()) {
      throw Refusal.invalid("amount is above zero, and all credit notes at most the invoice.")
          .raise();
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    NanoUsd given = amount.negated();
    long number = PeriodClosing.number(tx, 1);
    Invoice note = note(of, closing.shown(number), given, reason, now);
    PeriodClosing.insert(tx, List.of(note), List.of(number));
    tellTheLedger(tx, note, now);
    announcements.addAll(tx, List.of(note.announcement()));
    return note;
  }

  private Invoice note(Invoice of, String number, NanoUsd given, String reason, Instant now) {
    return new Invoice(
        new Invoice.Identity(
            ids.next(IdKind.INVOICE),
            Invoice.CREDIT_NOTE,
            of.identity().periodStart(),
            of.identity().periodEnd(),
            Optional.of(of.id())),
        of.parties(),
        new Invoice.Progress(
            Optional.of(number), "final", Optional.of(now), Optional.of(now), NanoUsd.ZERO),
        List.of(
            Invoice.Line.of(
                "credit_note", "On " + of.number().orElse(of.id()) + ": " + reason, given)),
        List.of(),
        new Invoice.Totals(given, NanoUsd.ZERO, given, NanoUsd.ZERO));
  }

  private void tellTheLedger(Tx tx, Invoice note, Instant now) {
    outbox.add(
        tx,
        Topic.FEES,
        List.of(
            text(
                new FeeCharged(
                    ids.next(IdKind.EVENT),
                    now,
                    note.tenantId(),
                    "credit_note",
                    note.id(),
                    note.total()))));
    outbox.add(
        tx,
        Topic.INVOICES,
        List.of(
            text(
                new InvoiceFinalized(
                    ids.next(IdKind.EVENT),
                    now,
                    note.tenantId(),
                    note.id(),
                    note.number().orElseThrow(),
                    NanoUsd.ZERO,
                    now))));
  }

  private static String text(FeeCharged fee) {
    return Json.write(fee);
  }

  private static String text(InvoiceFinalized invoice) {
    return Json.write(invoice);
  }

  /**
   * Ends an open invoice on which nothing was paid, as {@code void} or {@code uncollectible}.
   * Voiding credits what is not credited yet.
   */
  Invoice end(Tx tx, String id, String status) {
    Invoice of = find(tx, id, " for update").orElseThrow(() -> Refusal.notFound("invoice").raise());
    if (of.status().equals(status)) {
      return of;
    }
    if (!"final".equals(of.status()) || !of.progress().paid().isZero()) {
      throw Refusal.conflict("not_open", "The invoice is not open, or partly paid.").raise();
    }
    long credited =
        tx.one("select coalesce(sum(total), 0)::int8 from invoice where of_invoice = $1", id)
            .orElseThrow()
            .getLong(0);
    NanoUsd left = NanoUsd.ofNanos(of.total().nanos() + credited);
    if ("void".equals(status) && left.isPositive()) {
      credit(tx, id, left, "void");
    }
    tx.change("update invoice set status = $2 where id = $1", id, status);
    return of.with(of.progress().with(status, of.progress().paid()));
  }

  @Override
  public String topic() {
    return Topics.INVOICE_PAYMENTS;
  }

  @Override
  public List<InvoicePaid> read(String payload) {
    return List.of(Json.read(payload, InvoicePaid.class));
  }

  @Override
  public void take(Tx tx, List<InvoicePaid> payments) {
    payments.stream()
        .sorted(Comparator.comparing(InvoicePaid::invoiceId))
        .forEach(paid -> take(tx, paid));
  }

  private void take(Tx tx, InvoicePaid paid) {
    if (!paid.amount().isPositive() || !Inbox.isNew(tx, paid.eventId())) {
      return;
    }
    tx.one(
            """
            update invoice set paid = paid + $2,
              status = case when paid + $2 >= due and status = 'final' then 'paid' else status end
            where id = $1 and status <> 'draft' returning document::text, status, paid\
            """,
            paid.invoiceId(),
            paid.amount().nanos())
        .map(Invoices::invoice)
        .filter(invoice -> "paid".equals(invoice.status()))
        .ifPresent(
            invoice ->
                announcements.add(
                    tx,
                    invoice.tenantId(),
                    "invoice.paid",
                    paid.eventId(),
                    PeriodClosing.text(invoice)));
  }
}
