package io.naap.clearinghouse.charge;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.IdleMoney;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.stream.Events;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.InvoicePaid;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import io.naap.store.stream.StreamReader;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Assigns payments to invoices. The ledger has a tenant's debt as one sum; metering is told which
 * invoice a payment pays: the one that is due first.
 */
@ApplicationScoped
public class Invoices {
  private final Ledger ledger;
  private final IdleMoney idleMoney;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  Invoices(Ledger ledger, IdleMoney idleMoney, Outbox outbox, Ids ids, Clock clock) {
    this.ledger = ledger;
    this.idleMoney = idleMoney;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  void take(List<StreamReader.Entry> entries) {
    Events<InvoiceFinalized> events =
        Events.read(
            entries, InvoiceFinalized.class, InvoiceFinalized::eventId, Invoices::isSensible);
    // Idle money pays the debt before the invoice is opened.
    events.byId().values().stream()
        .filter(invoice -> invoice.due().isPositive())
        .map(InvoiceFinalized::tenantId)
        .distinct()
        .forEach(tenant -> idleMoney.freeNow(tenant, NanoUsd.ZERO));
    ledger.transact(
        transaction -> {
          events.setApart(transaction.tx());
          if (!events.byId().isEmpty()) {
            List<String> tenants =
                events.byId().values().stream().map(InvoiceFinalized::tenantId).distinct().toList();
            transaction.lock(tenants.stream().map(AccountRef::credit).toList());
            transaction.lock(tenants.stream().map(AccountRef::owed).toList());
            Set<String> fresh = events.take(transaction.tx());
            events.byId().values().stream()
                .filter(one -> fresh.contains(one.eventId()))
                .forEach(one -> open(transaction, one));
          }
          return null;
        });
    outbox.poke();
  }

  private static boolean isSensible(InvoiceFinalized invoice) {
    return Stream.of(
                invoice.eventId(),
                invoice.occurredAt(),
                invoice.tenantId(),
                invoice.invoiceId(),
                invoice.number(),
                invoice.due(),
                invoice.dueAt())
            .allMatch(Objects::nonNull)
        && !invoice.due().isNegative();
  }

  private void open(LedgerTransaction transaction, InvoiceFinalized invoice) {
    int added =
        transaction
            .tx()
            .change(
                """
                insert into invoice (id, tenant_id, number, due, due_at, finalized_at)
                values ($1, $2, $3, $4, $5, $6) on conflict do nothing""",
                invoice.invoiceId(),
                invoice.tenantId(),
                invoice.number(),
                invoice.due().nanos(),
                invoice.dueAt().atOffset(ZoneOffset.UTC),
                invoice.occurredAt().atOffset(ZoneOffset.UTC));
    if (added > 0) {
      // What is invoiced and not owed was paid from credit before.
      NanoUsd owed = transaction.dollars(AccountRef.owed(invoice.tenantId())).negated();
      NanoUsd asked = asked(transaction, invoice.tenantId());
      settle(transaction, invoice.tenantId(), asked.minus(owed.min(asked)));
    }
  }

  private static NanoUsd asked(LedgerTransaction transaction, String tenantId) {
    return NanoUsd.ofNanos(
        transaction
            .tx()
            .one(
                "select coalesce(sum(due - paid), 0)::bigint asked from invoice"
                    + " where tenant_id = $1 and paid < due",
                tenantId)
            .orElseThrow()
            .getLong("asked"));
  }

  /**
   * Assigns a paid amount of a tenant's debt to its invoices. The tenant must be locked; poke the
   * outbox afterwards.
   */
  public void settle(LedgerTransaction transaction, String tenantId, NanoUsd amount) {
    if (!amount.isPositive()) {
      return;
    }
    NanoUsd left = amount;
    List<String> events = new ArrayList<>();
    for (Row row :
        transaction
            .tx()
            .query(
                "select id, due, paid from invoice where tenant_id = $1 and paid < due"
                    + " order by due_at, id limit 1000 for update",
                tenantId)) {
      NanoUsd part =
          NanoUsd.ofNanos(row.getLong("due")).minus(NanoUsd.ofNanos(row.getLong("paid"))).min(left);
      if (!part.isPositive()) {
        break;
      }
      left = left.minus(part);
      transaction
          .tx()
          .change(
              "update invoice set paid = paid + $2 where id = $1",
              row.getString("id"),
              part.nanos());
      String id = ids.next(IdKind.EVENT);
      events.add(text(new InvoicePaid(id, clock.instant(), tenantId, row.getString("id"), part)));
    }
    outbox.add(transaction.tx(), Topic.INVOICE_PAYMENTS, events);
  }

  private static String text(Object event) {
    return Json.write(event);
  }
}
