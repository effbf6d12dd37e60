package io.naap.contracts.events;

import java.time.Instant;

/**
 * A tenant was created, renamed, suspended or reinstated.
 *
 * @param status {@code active} or {@code suspended}
 */
public record TenantChanged(
    String eventId, Instant occurredAt, String tenantId, String name, String status) {}
