package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * A tenant's balance after a journal entry. One event may stand for many journal entries; the event
 * with the highest revision holds the tenant's balance.
 *
 * @param revision grows with every change of this tenant's balance
 * @param credit free to be set aside or spent
 * @param setAside set aside for admission and not yet spent
 * @param owed charges that no money covered; never negative
 */
public record BalanceChanged(
    String eventId,
    Instant occurredAt,
    String tenantId,
    long revision,
    NanoUsd credit,
    NanoUsd setAside,
    NanoUsd owed) {}
