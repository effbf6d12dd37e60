package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * What a tenant has and owes after a booking. May be sent for many bookings at once: the highest
 * revision of a tenant is its balance.
 *
 * @param revision grows with every change of this tenant's balance
 * @param credit free to spend
 * @param setAside for admission, not yet spent
 * @param owed what charges found no money for; never negative
 */
public record BalanceChanged(
    String eventId,
    Instant occurredAt,
    String tenantId,
    long revision,
    NanoUsd credit,
    NanoUsd setAside,
    NanoUsd owed) {}
