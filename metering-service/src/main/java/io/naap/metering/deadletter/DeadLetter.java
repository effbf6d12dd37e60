package io.naap.metering.deadletter;

import java.time.Instant;
import java.util.Optional;

/**
 * A Redis stream entry, or one event of it, that could not be stored.
 *
 * @param payload the text as it arrived
 * @param resolution {@code replayed} or {@code dismissed}; absent while the dead letter is open
 * @param note the id of the event it was stored as, or the reason it was dismissed
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
