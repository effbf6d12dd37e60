package io.naap.clearinghouse.payment;

import io.naap.contracts.money.NanoUsd;

/**
 * A sponsor's budget.
 *
 * @param id {@code bdg_...}
 * @param owed what was sponsored beyond the budget; paid first by the next money
 */
public record SponsorBudget(String id, NanoUsd left, NanoUsd owed) {}
