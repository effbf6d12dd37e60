package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * An invoice was finalized: it has its number and does not change any more. {@link ChargeRated} and
 * {@link FeeCharged} have already charged its lines; this event states the amount due and when.
 *
 * @param number shown to people, consecutive
 * @param due what the tenant has to pay, in whole cents; zero for a tenant that pays in advance
 */
public record InvoiceFinalized(
    String eventId,
    Instant occurredAt,
    String tenantId,
    String invoiceId,
    String number,
    NanoUsd due,
    Instant dueAt) {}
