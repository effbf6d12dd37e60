package io.naap.contracts.events;

import java.time.Instant;
import java.util.List;

/**
 * The ledger asks metering about charges. Either to list the charges of a span of time in which the
 * sums of the two differ, or to publish charges again that the ledger does not have.
 *
 * @param sendAgain ids of usage events to publish again; empty to list the span
 */
public record ChargesAsked(String eventId, Instant from, Instant to, List<String> sendAgain) {
  /** The most ids in one event. */
  public static final int MOST = 500;

  public ChargesAsked {
    sendAgain = sendAgain == null ? List.of() : List.copyOf(sendAgain);
  }
}
