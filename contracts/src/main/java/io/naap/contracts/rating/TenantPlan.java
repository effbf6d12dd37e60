package io.naap.contracts.rating;

/**
 * The plan a tenant is on now: the answer of {@code GET /internal/tenants/{tenantId}/plan}.
 *
 * @param prepaid true when every job needs money set aside beforehand
 * @param tier the pool tier the plan gives
 */
public record TenantPlan(String tenantId, Plan plan, boolean prepaid, String tier) {}
