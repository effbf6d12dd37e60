package io.naap.metering.webhook;

import io.naap.contracts.json.Json;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

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

  /**
   * Something that happened to a tenant.
   *
   * @param id of what it happened to; the same id and type are announced once
   * @param data written only when the tenant has a webhook
   */
  public record Announcement(String tenantId, String type, String id, Supplier<String> data) {}

  /** Announces many things at once to the tenants that have a webhook. */
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
