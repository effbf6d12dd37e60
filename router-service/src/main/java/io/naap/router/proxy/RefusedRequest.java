package io.naap.router.proxy;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import java.time.Instant;
import java.util.Optional;

/**
 * A request that was refused before it had a hold.
 *
 * @param capability empty when it is not known
 * @param model empty when it is not known
 */
public record RefusedRequest(
    String requestId,
    KeyProfile profile,
    String capability,
    String model,
    Instant opened,
    Refusal refusal) {
  /** The line of the tenant's request log. */
  public RequestLogged line(Instant now) {
    return new RequestLogged(
        new RequestLogged.Request(
            requestId, opened, profile.tenantId(), profile.keyId(), capability, model),
        new RequestLogged.Answer(
            refusal.status(), Optional.of(refusal.code()), Optional.empty(), Optional.empty()),
        Units.NONE,
        NanoUsd.ZERO,
        now.toEpochMilli() - opened.toEpochMilli(),
        0);
  }
}
