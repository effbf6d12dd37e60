package io.naap.contracts.events;

import java.time.Instant;
import java.util.Optional;

/**
 * A key was changed, rotated, disabled or deleted, or the limits of its tenant were changed.
 * Routers and caches drop the key's profile.
 *
 * @param keyId absent when the event concerns every key of the tenant
 * @param revision the revision of the key, or of the tenant's limits, after the change
 */
public record KeyChanged(
    String eventId, Instant occurredAt, Optional<String> keyId, String tenantId, long revision) {}
