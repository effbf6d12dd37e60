package io.naap.contracts.events;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of a tenant's request log, for served and refused requests; never holds a body or a
 * header. Best effort: unlike {@link UsageRecorded} it may be lost, and nothing is billed from it.
 * In JSON the fields of all parts form one flat object.
 *
 * @param cost as told to the client; zero when refused or failed
 * @param latencyMillis from the request's first byte to the answer's last
 * @param upstreamMillis the part of it spent waiting for the gateway
 */
@JsonDeserialize(builder = RequestLogged.Flat.class)
public record RequestLogged(
    @JsonUnwrapped Request request,
    @JsonUnwrapped Answer answer,
    Units units,
    NanoUsd cost,
    long latencyMillis,
    long upstreamMillis) {
  /**
   * What was asked, and by whom.
   *
   * @param requestId {@code req_...}
   * @param at when the request arrived
   * @param capability empty when the request named no known capability
   * @param model empty when the request named none
   */
  public record Request(
      String requestId,
      Instant at,
      String tenantId,
      String keyId,
      String capability,
      String model) {}

  /**
   * How it was answered.
   *
   * @param status HTTP status of the answer
   * @param refusal the problem's code when the request was refused
   * @param pool the pool that served the request; absent when none did
   * @param gateway the gateway that served the request; absent when none did
   */
  public record Answer(
      int status, Optional<String> refusal, Optional<String> pool, Optional<String> gateway) {}

  /** The fields as they are in JSON. Jackson reads them much faster than unwrapped parts. */
  public static final class Flat {
    public String requestId;
    public Instant at;
    public String tenantId;
    public String keyId;
    public String capability;
    public String model;
    public Integer status;
    public Optional<String> refusal = Optional.empty();
    public Optional<String> pool = Optional.empty();
    public Optional<String> gateway = Optional.empty();
    public Units units;
    public NanoUsd cost;
    public Long latencyMillis;
    public Long upstreamMillis;

    /** The line; an exception when it has no status or durations. */
    public RequestLogged build() {
      return new RequestLogged(
          new Request(requestId, at, tenantId, keyId, capability, model),
          new Answer(status, refusal, pool, gateway),
          units,
          cost,
          latencyMillis,
          upstreamMillis);
    }
  }
}
