package io.naap.metering.webhook;

import io.naap.contracts.json.Json;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Queues webhook messages for tenants: one delivery for each enabled webhook that subscribes to the
 * event type, stored in the transaction of the change it reports.
 */
@ApplicationScoped
public class Announcements {
  /** All event types. */
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
   * Queues an event for the tenant's webhooks, in the caller's transaction.
   *
   * @param id the id of the event; each webhook gets an id once
   * @param data the data of the message, as JSON
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

  /**
   * An event that concerns a tenant.
   *
   * @param id the id of the object it happened to; each webhook gets an id once
   * @param data gives the data as JSON; called only when the tenant has a webhook
   */
  public record Announcement(String tenantId, String type, String id, Supplier<String> data) {}

  /** Queues many events, for those tenants that have a webhook. */
  public void addAll(Tx tx, List<Announcement> announcements) {
    Set<String> listening =
        Set.copyOf(
            tx
                .query(
                    "select distinct tenant_id from webhook where enabled and tenant_id = any($1)",
                    (Object)
                        announcements.stream().map(Announcement::tenantId).toArray(String[]::new))
                .stream()
                .map(row -> row.getString(0))
                .toList());
    announcements.stream()
        .filter(one -> listening.contains(one.tenantId))
        .forEach(one -> add(tx, one.tenantId, one.type, one.id, one.data.get()));
  }
}
