package io.naap.contracts.events;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of a tenant's request log, for served and refused requests; never holds a body or a
 * header. Best effort: unlike {@link UsageRecorded} it may be lost, and nothing is billed from it.
 *
 * @param requestId {@code req_...}
 * @param at when the request arrived
 * @param capability empty when the request named no known capability
 * @param model empty when the request named none
 * @param status HTTP status of the answer
 * @param refusal the problem's code when the request was refused
 * @param pool the pool that served the request; absent when none did
 * @param gateway the gateway that served the request; absent when none did
 * @param cost as told to the client; zero when refused or failed
 * @param latencyMillis from the request's first byte to the answer's last
 * @param upstreamMillis the part of it spent waiting for the gateway
 */
public record RequestLogged(
    String requestId,
    Instant at,
    String tenantId,
    String keyId,
    String capability,
    String model,
    int status,
    Optional<String> refusal,
    Optional<String> pool,
    Optional<String> gateway,
    Units units,
    NanoUsd cost,
    long latencyMillis,
    long upstreamMillis) {}
