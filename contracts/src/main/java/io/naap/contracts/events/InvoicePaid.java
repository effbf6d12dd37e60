package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/** A payment for an invoice arrived; an invoice may have several. */
public record InvoicePaid(
    String eventId, Instant occurredAt, String tenantId, String invoiceId, NanoUsd amount) {}
