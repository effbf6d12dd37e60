package io.naap.metering.webhook;

import io.naap.contracts.json.Json;
import io.naap.metering.invoice.Invoice;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** What tenants are told: a delivery for each of their webhooks that wants it, with the change. */
@ApplicationScoped
public class Announcements {
  /** Every type there is. */
  public static final Set<String> TYPES =
      Set.of(
          "invoice.finalized",
          "invoice.paid",
          "credit_note.issued",
          "balance.low",
          "usage.threshold",
          "standing.changed",
          "test");

  private final Clock clock;

  Announcements(Clock clock) {
    this.clock = clock;
  }

  /**
   * Stores an announcement, in the caller's transaction.
   *
   * @param id of what happened: told once for each webhook
   * @param data JSON
   */
  public void add(Tx tx, String tenantId, String type, String id, String data) {
    tx.change(
        """
        insert into webhook_delivery (webhook_id, message_id, type, payload)
        select id, $3, $2, $4 from webhook where tenant_id = $1 and enabled and $2 = any(events)
        on conflict do nothing""",
        tenantId,
        type,
        "msg_" + id,
        payload(type, clock.instant(), data));
  }

  static String payload(String type, Instant at, String data) {
    return "{\"type\":"
        + text(type)
        + ",\"timestamp\":"
        + text(at.toString())
        + ",\"data\":"
        + data
        + "}";
  }

  private static String text(String value) {
    return Json.write(value);
  }

  /** Invoices and credit notes that became final. */
  public void invoices(Tx tx, List<Invoice> invoices) {
    Set<String> listening =
        Set.copyOf(
            tx
                .query(
                    "select distinct tenant_id from webhook where enabled and tenant_id = any($1)",
                    (Object) invoices.stream().map(Invoice::tenantId).toArray(String[]::new))
                .stream()
                .map(row -> row.getString(0))
                .toList());
    for (Invoice invoice : invoices) {
      if (listening.contains(invoice.tenantId())) {
        add(
            tx,
            invoice.tenantId(),
            Invoice.CREDIT_NOTE.equals(invoice.kind()) ? "credit_note.issued" : "invoice.finalized",
            invoice.id(),
            document(invoice));
      }
    }
  }

  private static String document(Invoice invoice) {
    return Json.write(invoice);
  }
}
