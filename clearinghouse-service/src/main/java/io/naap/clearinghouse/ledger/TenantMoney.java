package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;

/** The sum of everything that a tenant has and owes in the ledger. */
public final class TenantMoney {
  /**
   * Accounts of the tenant {@code $1}: its credit, its debt, money set aside for its jobs and money
   * of its payment sessions.
   */
  public static final String ACCOUNTS =
      """
      select id, balance from account
      where (owner = $1 and kind in ('credit', 'owed'))
        or (kind = 'set_aside' and owner in (select id from funding where tenant_id = $1))
        or (kind = 'held' and owner in (
          select state_id from signer_session where tenant_id = $1
          union select state_id from stock_session where tenant_id = $1))""";

  private TenantMoney() {}

  /** What a tenant has, less what it owes. */
  public static NanoUsd balance(Tx tx, String tenantId) {
    return NanoUsd.ofNanos(
        tx.one("select coalesce(sum(balance), 0)::bigint from (" + ACCOUNTS + ") mine", tenantId)
            .orElseThrow()
            .getLong(0));
  }
}
