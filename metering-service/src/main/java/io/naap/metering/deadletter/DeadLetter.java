package io.naap.metering.deadletter;

import java.time.Instant;
import java.util.Optional;

/**
 * An entry of a stream that could not be stored.
 *
 * @param payload as it arrived
 * @param resolution {@code replayed} or {@code dismissed}; absent while it waits for a person
 * @param note the event it became, or why it is none
 */
public record DeadLetter(
    String stream,
    String entryId,
    String payload,
    String reason,
    Instant arrivedAt,
    Optional<String> resolution,
    Optional<Instant> resolvedAt,
    Optional<String> resolvedBy,
    Optional<String> note) {}
