package io.naap.contracts.events;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A part of the charges that metering rated in a span, in the order of their ids: all of those
 * whose id is above {@code after} and not above {@code upTo}.
 *
 * @param after empty in the first part
 * @param upTo absent in the last part, which goes to the end
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
   * One charge.
   *
   * @param usageEventId of what was charged; of a refund, the id of what took it back
   * @param amount the tenant's part, negative when it was taken back
   * @param sponsored the sponsor's part, likewise
   */
  public record Listed(String usageEventId, NanoUsd amount, NanoUsd sponsored) {}
}
