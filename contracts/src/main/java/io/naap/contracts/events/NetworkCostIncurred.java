package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.Optional;

/**
 * Tickets were signed; states what they cost at their expected value.
 *
 * @param gateway name of the paying gateway in the routing table, if it is one of ours
 * @param tenantId when the payer signed for one tenant
 * @param expectedValue face value times winning probability, summed over the tickets
 * @param usd the expected value at the current exchange rate; absent when no rate is known
 */
public record NetworkCostIncurred(
    String eventId,
    Instant occurredAt,
    Optional<String> gateway,
    Optional<String> tenantId,
    String capability,
    Wei expectedValue,
    Optional<NanoUsd> usd) {}
