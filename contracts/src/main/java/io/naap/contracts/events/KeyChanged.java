package io.naap.contracts.events;

import java.time.Instant;

/**
 * A key was changed, disabled or deleted: whoever holds its profile forgets it.
 *
 * @param revision the key's revision after the change
 */
public record KeyChanged(
    String eventId, Instant occurredAt, String keyId, String tenantId, long revision) {}
