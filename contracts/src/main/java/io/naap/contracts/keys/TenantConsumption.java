package io.naap.contracts.keys;

import java.time.LocalDate;

/**
 * What all keys of a tenant together have used according to metering: the response of {@code GET
 * /internal/tenants/{tenantId}/consumption}, from which admission restores the tenant's counters.
 *
 * @param day the UTC day of "today"; its month is the month of "month"
 */
public record TenantConsumption(
    String tenantId,
    LocalDate day,
    KeyConsumption.Window today,
    KeyConsumption.Window month,
    KeyConsumption.Window lifetime) {}
