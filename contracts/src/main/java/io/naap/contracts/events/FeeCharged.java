package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * What a tenant owes, or gets back, beside its jobs: a subscription's fee, a minimum, an adjustment
 * on an invoice, tax, a credit note. Booked once per event id.
 *
 * @param kind {@code subscription}, {@code minimum}, {@code discount}, {@code adjustment}, {@code
 *     rounding}, {@code tax} or {@code credit_note}
 * @param invoiceId {@code inv_...} where it is shown
 * @param amount negative when the tenant gets it back
 * @param sponsored what a sponsor's budget gets back, because a job it paid for was taken back
 * @param usageEventId the job that was taken back; it is given back once, whoever asks for it
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
    // An event of before sponsors got anything back has none.
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
