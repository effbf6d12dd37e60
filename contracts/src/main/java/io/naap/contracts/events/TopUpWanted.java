package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * A tenant's balance fell below what it asked to be topped up at: charge its saved means of payment
 * once per event id.
 */
public record TopUpWanted(String eventId, Instant occurredAt, String tenantId, NanoUsd amount) {}
