package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * An invoice has its number and will not change any more. What it lists was charged already, by
 * {@link ChargeRated} and {@link FeeCharged}; this says what of it is to be paid, and by when.
 *
 * @param number shown to people, without gaps
 * @param due to be paid by the tenant, whole cents; zero for one that paid in advance
 */
public record InvoiceFinalized(
    String eventId,
    Instant occurredAt,
    String tenantId,
    String invoiceId,
    String number,
    NanoUsd due,
    Instant dueAt) {}
