package io.naap.contracts.keys;

import java.time.LocalDate;

/**
 * What all keys of a tenant have used, as metering has stored it: the answer of {@code GET
 * /internal/tenants/{tenantId}/consumption}, from which admission rebuilds the tenant's counters.
 *
 * @param day the UTC day that "day" and, by its month, "month" mean
 */
public record TenantConsumption(
    String tenantId,
    LocalDate day,
    KeyConsumption.Window today,
    KeyConsumption.Window month,
    KeyConsumption.Window lifetime) {}
