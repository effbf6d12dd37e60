package io.naap.contracts.events;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * A usage event with its price; the clearinghouse debits it. In JSON the fields of all parts form
 * one flat object.
 */
@JsonDeserialize(builder = ChargeRated.Flat.class)
public record ChargeRated(
    @JsonUnwrapped Source source, @JsonUnwrapped Job job, @JsonUnwrapped Price price) {
  /**
   * Identifies the charge and states its times.
   *
   * @param eventId of this event, {@code evt_...}
   * @param usageEventId of the usage event; a charge is booked once per usage event
   */
  public record Source(
      String eventId, String usageEventId, String requestId, Instant occurredAt, Instant ratedAt) {}

  /** What ran, where, and for whom. */
  public record Job(
      String tenantId,
      String keyId,
      String capability,
      String model,
      String pool,
      String gateway,
      Units units) {}

  /**
   * The price, and from what it is paid.
   *
   * @param amount the tenant's part, never negative
   * @param sponsored the part that a sponsor's budget pays
   * @param settled what admission settled the job's hold with, from the funding named; absent when
   *     unknown, and then the clearinghouse takes the amount
   */
  public record Price(
      String plan,
      Optional<String> fundingId,
      NanoUsd amount,
      Optional<Sponsored> sponsored,
      Optional<NanoUsd> settled) {}

  /** The fields as they are in JSON. Jackson reads them much faster than unwrapped parts. */
  public static final class Flat {
    public String eventId;
    public String usageEventId;
    public String requestId;
    public Instant occurredAt;
    public Instant ratedAt;
    public String tenantId;
    public String keyId;
    public String capability;
    public String model;
    public String pool;
    public String gateway;
    public Units units;
    public String plan;
    public Optional<String> fundingId = Optional.empty();
    public NanoUsd amount;
    public Optional<Sponsored> sponsored = Optional.empty();
    public Optional<NanoUsd> settled = Optional.empty();

    public ChargeRated build() {
      return new ChargeRated(
          new Source(eventId, usageEventId, requestId, occurredAt, ratedAt),
          new Job(tenantId, keyId, capability, model, pool, gateway, units),
          new Price(plan, fundingId, amount, sponsored, settled));
    }
  }

  public String eventId() {
    return source.eventId;
  }

  public String usageEventId() {
    return source.usageEventId;
  }

  public String requestId() {
    return source.requestId;
  }

  public Instant occurredAt() {
    return source.occurredAt;
  }

  public Instant ratedAt() {
    return source.ratedAt;
  }

  public String tenantId() {
    return job.tenantId;
  }

  public String keyId() {
    return job.keyId;
  }

  public String capability() {
    return job.capability;
  }

  public String model() {
    return job.model;
  }

  public String pool() {
    return job.pool;
  }

  public String gateway() {
    return job.gateway;
  }

  public Units units() {
    return job.units;
  }

  public String plan() {
    return price.plan;
  }

  public Optional<String> fundingId() {
    return price.fundingId;
  }

  public NanoUsd amount() {
    return price.amount;
  }

  public Optional<Sponsored> sponsored() {
    return price.sponsored;
  }

  public Optional<NanoUsd> settled() {
    return price.settled;
  }
}
