package io.naap.contracts.events;

import java.time.Instant;
import java.util.Optional;

/**
 * A key was changed, rotated, disabled or deleted, or its tenant's limits were: whoever holds its
 * profile forgets it.
 *
 * @param keyId absent when every key of the tenant is concerned
 * @param revision the key's revision after the change, or the tenant limits'
 */
public record KeyChanged(
    String eventId, Instant occurredAt, Optional<String> keyId, String tenantId, long revision) {}
