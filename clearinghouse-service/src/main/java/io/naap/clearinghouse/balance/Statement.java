package io.naap.clearinghouse.balance;

import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;

/**
 * Movements of a tenant's account, the newest first.
 *
 * @param account {@code balance}, everything the tenant has less what it owes; or {@code credit} or
 *     {@code owed} alone
 */
public record Statement(String tenantId, String account, List<Line> data, String nextCursor) {
  public Statement {
    data = List.copyOf(data);
  }

  /**
   * One movement.
   *
   * @param amount positive adds
   * @param balance after it
   */
  public record Line(
      String journalId,
      String kind,
      String description,
      Instant occurredAt,
      Instant bookedAt,
      NanoUsd amount,
      NanoUsd balance) {}
}
