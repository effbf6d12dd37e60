package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * What metering rated in a span of time, for the ledger to compare with what it booked. The span is
 * of {@link ChargeRated#ratedAt}; what was taken back counts as negative when it was taken back.
 *
 * @param from first instant of the span
 * @param to end of the span, not part of it
 * @param charges number of charges and refunds of other than zero
 * @param amount sum of the tenants' parts
 * @param sponsored sum of the sponsors' parts
 */
public record ChargesSummed(
    String eventId, Instant from, Instant to, long charges, NanoUsd amount, NanoUsd sponsored) {}
