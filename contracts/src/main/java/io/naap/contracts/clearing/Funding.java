package io.naap.contracts.clearing;

import io.naap.contracts.money.NanoUsd;

/**
 * Money set aside for admission; usage events name it, and charges settle from it.
 *
 * @param fundingId {@code fnd_...}, one per tenant and epoch
 * @param total everything ever set aside under this funding
 */
public record Funding(String fundingId, String tenantId, String epoch, NanoUsd total) {}
