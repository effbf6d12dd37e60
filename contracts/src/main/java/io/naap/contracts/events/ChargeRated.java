package io.naap.contracts.events;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * A usage event with its price; the clearinghouse debits it.
 *
 * @param eventId of this event, {@code evt_...}
 * @param usageEventId of the usage event; a charge is booked once per usage event
 * @param amount the tenant's part, never negative
 * @param sponsored the part that a sponsor's budget pays
 * @param settled what admission settled the job's hold with, from the funding named; absent when
 *     unknown, and then the clearinghouse takes the amount
 */
public record ChargeRated(
    String eventId,
    String usageEventId,
    String requestId,
    Instant occurredAt,
    Instant ratedAt,
    String tenantId,
    String keyId,
    String capability,
    String model,
    String pool,
    String gateway,
    Units units,
    String plan,
    Optional<String> fundingId,
    NanoUsd amount,
    Optional<Sponsored> sponsored,
    Optional<NanoUsd> settled) {
  public ChargeRated {
    // Events of older versions have no such field.
    settled = settled == null ? Optional.empty() : settled;
  }

  /** A charge without the amount that admission settled. */
  public ChargeRated(
      String eventId,
      String usageEventId,
      String requestId,
      Instant occurredAt,
      Instant ratedAt,
      String tenantId,
      String keyId,
      String capability,
      String model,
      String pool,
      String gateway,
      Units units,
      String plan,
      Optional<String> fundingId,
      NanoUsd amount,
      Optional<Sponsored> sponsored) {
    this(
        eventId,
        usageEventId,
        requestId,
        occurredAt,
        ratedAt,
        tenantId,
        keyId,
        capability,
        model,
        pool,
        gateway,
        units,
        plan,
        fundingId,
        amount,
        sponsored,
        Optional.empty());
  }
}
