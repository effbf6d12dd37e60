package io.naap.clearinghouse.payment;

import io.naap.contracts.money.NanoUsd;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;

/**
 * Money that came in or went back.
 *
 * @param id {@code pay_...}
 * @param kind {@code credit}, {@code stripe}, {@code usdc}, {@code transfer_in}; and, going back,
 *     {@code refund}, {@code dispute}, {@code transfer_out} by the operator, {@code
 *     member_transfer_out}, {@code sponsor}
 * @param journalId where it is in the ledger
 */
public record Payment(
    String id,
    String tenantId,
    String kind,
    NanoUsd amount,
    String reason,
    String journalId,
    Instant createdAt) {
  static Payment read(Row row) {
    return new Payment(
        row.getString("id"),
        row.getString("tenant_id"),
        row.getString("kind"),
        NanoUsd.ofNanos(row.getLong("amount")),
        row.getString("reason"),
        row.getString("journal_id"),
        row.getOffsetDateTime("created_at").toInstant());
  }
}
