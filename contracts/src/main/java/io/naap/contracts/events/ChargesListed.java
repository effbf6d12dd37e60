package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One part of the list of charges that metering rated in a span of time, ordered by id. It holds
 * all charges whose id is above {@code after} and at most {@code upTo}.
 *
 * @param after empty in the first part
 * @param upTo absent in the last part, which has no upper bound
 */
public record ChargesListed(
    String eventId,
    Instant from,
    Instant to,
    String after,
    Optional<String> upTo,
    List<Listed> charges) {
  public ChargesListed {
    charges = List.copyOf(charges);
  }

  /**
   * A charge or a refund.
   *
   * @param usageEventId the usage event that was charged; for a refund, the id of the event that
   *     refunded it
   * @param amount the tenant's part; negative for a refund
   * @param sponsored the sponsor's part; negative for a refund
   */
  public record Listed(String usageEventId, NanoUsd amount, NanoUsd sponsored) {}
}
