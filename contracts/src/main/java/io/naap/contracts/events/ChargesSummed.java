package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * Sums of what metering rated in a span of time; the ledger compares them with what it booked. A
 * charge belongs to the span that holds its {@link ChargeRated#ratedAt}. A refund counts as
 * negative in the span in which it was made.
 *
 * @param from first instant of the span
 * @param to end of the span, exclusive
 * @param charges number of charges and refunds whose amount is not zero
 * @param amount sum of the tenants' parts
 * @param sponsored sum of the sponsors' parts
 * @param unstored usage entries that metering could not store and nobody has repaired, as of this
 *     event; their jobs are not paid
 * @param unstoredSince when the oldest of them arrived; absent when there is none
 */
public record ChargesSummed(
    String eventId,
    Instant from,
    Instant to,
    long charges,
    NanoUsd amount,
    NanoUsd sponsored,
    long unstored,
    Optional<Instant> unstoredSince) {
  public ChargesSummed {
    unstoredSince = unstoredSince == null ? Optional.empty() : unstoredSince;
  }
}
