package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;

/** Money that is set aside for jobs and that no job needs now. */
public interface IdleMoney {
  /**
   * Asks for as much of it as is missing, so that a tenant can pay an amount and its debt. Not in a
   * transaction; takes up to some seconds while routers give back what they have leased.
   *
   * @param needed on top of what the tenant owes
   * @return whether everything that is idle was asked for
   */
  Answer free(String tenantId, NanoUsd needed);

  /**
   * The same without waiting for routers: what they give back later pays the debt then. For whoever
   * has many tenants to serve.
   */
  Answer freeNow(String tenantId, NanoUsd needed);

  /** What came of asking. */
  enum Answer {
    /** The tenant has what is needed, or nothing idle is left. */
    ASKED,
    /** Some money is with running jobs, or on its way back from routers. */
    HELD,
    /** Admission's store does not answer, so idle money stays where it is for now. */
    UNAVAILABLE
  }
}
