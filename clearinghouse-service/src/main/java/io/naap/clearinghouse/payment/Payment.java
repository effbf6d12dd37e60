package io.naap.clearinghouse.payment;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;

/**
 * Money that came in.
 *
 * @param id {@code pay_...}
 * @param kind {@code credit}
 * @param journalId where it is in the ledger
 */
public record Payment(
    String id,
    String tenantId,
    String kind,
    NanoUsd amount,
    String reason,
    String journalId,
    Instant createdAt) {}
