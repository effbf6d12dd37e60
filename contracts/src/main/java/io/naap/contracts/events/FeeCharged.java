package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * What a tenant owes or gets back apart from its jobs: a subscription's fee, a minimum, an
 * adjustment on an invoice, tax, a credit note. The ledger books it once per event id.
 *
 * @param kind {@code subscription}, {@code minimum}, {@code discount}, {@code adjustment}, {@code
 *     rounding}, {@code tax} or {@code credit_note}
 * @param invoiceId {@code inv_...} of the invoice that shows it, if any
 * @param amount negative when the tenant gets it back
 * @param sponsored what a sponsor's budget gets back for a refunded job
 * @param usageEventId the refunded job; it is refunded once, whoever asks
 */
public record FeeCharged(
    String eventId,
    Instant occurredAt,
    String tenantId,
    String kind,
    String invoiceId,
    NanoUsd amount,
    Optional<Sponsored> sponsored,
    Optional<String> usageEventId) {
  public FeeCharged {
    // Events of older versions have no such field.
    sponsored = sponsored == null ? Optional.empty() : sponsored;
    usageEventId = usageEventId == null ? Optional.empty() : usageEventId;
  }

  public FeeCharged(
      String eventId,
      Instant occurredAt,
      String tenantId,
      String kind,
      String invoiceId,
      NanoUsd amount) {
    this(
        eventId, occurredAt, tenantId, kind, invoiceId, amount, Optional.empty(), Optional.empty());
  }
}
