package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.Optional;

/**
 * A tenant's balance fell below the threshold of its automatic top-up. The clearinghouse charges
 * the tenant's saved payment method, once per event id and only while the balance is below.
 *
 * @param below the threshold; the balance it is compared with includes money set aside. Absent when
 *     not told
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
