package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * What metering rated in a span of time, for the ledger to compare with what it booked. The span is
 * of {@link ChargeRated#ratedAt}; what was taken back counts as negative when it was taken back.
 *
 * @param from first instant of the span
 * @param to end of the span, not part of it
 * @param charges number of charges and refunds of other than zero
 * @param amount sum of the tenants' parts
 * @param sponsored sum of the sponsors' parts
 * @param unstored usage entries that metering could not store and nobody has repaired yet: jobs
 *     that nobody pays, as it stood when this was told
 * @param unstoredSince when the oldest of them came; absent when there is none
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
