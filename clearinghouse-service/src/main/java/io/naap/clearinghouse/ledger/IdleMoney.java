package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;

/** Money that is set aside for jobs and that no job uses now. */
public interface IdleMoney {
  /**
   * Returns idle money to the tenant's credit, as much as is missing to pay an amount and the
   * tenant's debt. Must not run inside a transaction; waits up to some seconds for routers to
   * return their leases.
   *
   * @param needed on top of what the tenant owes
   * @return whether all idle money was asked for
   */
  Answer free(String tenantId, NanoUsd needed);

  /** The same without waiting for routers: what they return later pays the debt then. */
  Answer freeNow(String tenantId, NanoUsd needed);

  /** The outcome of asking. */
  enum Answer {
    /** The tenant has what is needed, or no idle money is left. */
    ASKED,
    /** Running jobs hold some of the money, or routers have not returned it yet. */
    HELD,
    /** Redis does not answer, so idle money stays set aside for now. */
    UNAVAILABLE
  }
}
