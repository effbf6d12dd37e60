package io.naap.contracts.events;

import java.time.Instant;
import java.util.Optional;

/**
 * A plan has a new version, or a tenant was assigned another plan. Services that hold a tenant's
 * plan read it again.
 *
 * @param tenantId absent when the event concerns every tenant of the plan
 */
public record PlanChanged(
    String eventId, Instant occurredAt, String planId, Optional<String> tenantId) {}
