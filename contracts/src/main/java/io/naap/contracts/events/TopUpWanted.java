package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * A tenant's balance fell below what it asked to be topped up at: charge its saved means of payment
 * once per event id, and only while the balance is below.
 *
 * @param below what the balance, money set aside included, has to be below; absent when not told
 */
public record TopUpWanted(
    String eventId, Instant occurredAt, String tenantId, NanoUsd amount, Optional<NanoUsd> below) {
  public TopUpWanted {
    below = below == null ? Optional.empty() : below;
  }

  public TopUpWanted(String eventId, Instant occurredAt, String tenantId, NanoUsd amount) {
    this(eventId, occurredAt, tenantId, amount, Optional.empty());
  }
}
