package io.naap.contracts.events;

import java.time.Instant;
import java.util.Optional;

/**
 * A plan has a new version, or a tenant has another plan: whoever holds a tenant's plan asks again.
 *
 * @param tenantId absent when every tenant of the plan is concerned
 */
public record PlanChanged(
    String eventId, Instant occurredAt, String planId, Optional<String> tenantId) {}
