package io.naap.contracts.events;

import java.time.Instant;
import java.util.List;

/**
 * The ledger asks metering about charges: to list those of a span in which the sums differ, or to
 * send again those that the ledger does not have.
 *
 * @param sendAgain ids of usage events; empty when the span is to be listed
 */
public record ChargesAsked(String eventId, Instant from, Instant to, List<String> sendAgain) {
  /** The most ids in one event. */
  public static final int MOST = 500;

  public ChargesAsked {
    sendAgain = sendAgain == null ? List.of() : List.copyOf(sendAgain);
  }
}
