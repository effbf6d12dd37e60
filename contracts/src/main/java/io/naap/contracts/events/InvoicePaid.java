package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/** Money came in for an invoice; several may come for one. */
public record InvoicePaid(
    String eventId, Instant occurredAt, String tenantId, String invoiceId, NanoUsd amount) {}
