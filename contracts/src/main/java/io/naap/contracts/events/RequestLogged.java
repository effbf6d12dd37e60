package io.naap.contracts.events;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of a tenant's request log, refused requests included; never a body or a header. Best
 * effort: unlike {@link UsageRecorded} it may be lost, and nothing is billed from it.
 *
 * @param requestId {@code req_...}
 * @param at when the request arrived
 * @param capability empty when the request named none we know
 * @param model empty when none
 * @param status HTTP status of the answer
 * @param refusal the problem's code, when refused
 * @param pool with
 * @param gateway where it went, absent when nowhere
 * @param cost as told to the client; zero when refused or failed
 * @param latencyMillis from the request's first byte to the answer's last
 * @param upstreamMillis of that, waiting for the gateway
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
