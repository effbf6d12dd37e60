package io.naap.contracts.clearing;

import io.naap.contracts.money.NanoUsd;

/**
 * Money of a tenant that the ledger has set aside for admission. Usage events name their funding,
 * and charges settle from it.
 *
 * @param fundingId {@code fnd_...}, one per tenant and epoch
 * @param total everything ever set aside under this funding
 */
public record Funding(String fundingId, String tenantId, String epoch, NanoUsd total) {}
