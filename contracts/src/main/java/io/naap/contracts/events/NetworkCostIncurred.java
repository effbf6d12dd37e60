package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.Optional;

/**
 * Tickets were signed: what the network costs, at their expected value.
 *
 * @param gateway the paying gateway's name in the routing table, when it is one of ours
 * @param tenantId when the payer signed for one tenant
 * @param expectedValue face value times the probability to win, summed
 * @param usd the same at the rate in force, absent when none is known
 */
public record NetworkCostIncurred(
    String eventId,
    Instant occurredAt,
    Optional<String> gateway,
    Optional<String> tenantId,
    String capability,
    Wei expectedValue,
    Optional<NanoUsd> usd) {}
