package io.naap.clearinghouse.ledger;

/**
 * Names an account. The account is created when it is first locked.
 *
 * @param owner a tenant, a funding, a signer caller, or {@link #OPERATOR}
 */
public record AccountRef(String owner, AccountKind kind) {
  public static final String OPERATOR = "operator";

  public static AccountRef credit(String tenantId) {
    return new AccountRef(tenantId, AccountKind.CREDIT);
  }

  public static AccountRef setAside(String fundingId) {
    return new AccountRef(fundingId, AccountKind.SET_ASIDE);
  }

  public static AccountRef owed(String tenantId) {
    return new AccountRef(tenantId, AccountKind.OWED);
  }

  /** One for each tenant, so that charges of different tenants do not wait for each other. */
  public static AccountRef revenue(String tenantId) {
    return new AccountRef(tenantId, AccountKind.REVENUE);
  }

  public static AccountRef creditsIssued() {
    return new AccountRef(OPERATOR, AccountKind.CREDITS_ISSUED);
  }

  public static AccountRef networkSpent(String caller) {
    return new AccountRef(caller, AccountKind.NETWORK_SPENT);
  }

  public static AccountRef ticketsIssued(String caller) {
    return new AccountRef(caller, AccountKind.TICKETS_ISSUED);
  }

  /** The money held by a payment session. */
  public static AccountRef held(String sessionId) {
    return new AccountRef(sessionId, AccountKind.HELD);
  }

  public static AccountRef tax() {
    return new AccountRef(OPERATOR, AccountKind.TAX);
  }

  /**
   * Money outside the ledger.
   *
   * @param keeper {@code stripe} or {@code usdc}
   */
  public static AccountRef cash(String keeper) {
    return new AccountRef(keeper, AccountKind.CASH);
  }

  public static AccountRef payable(String tenantId) {
    return new AccountRef(tenantId, AccountKind.PAYABLE);
  }

  public static AccountRef sponsorBudget(String budgetId) {
    return new AccountRef(budgetId, AccountKind.SPONSOR_BUDGET);
  }

  public static AccountRef sponsorOwed(String budgetId) {
    return new AccountRef(budgetId, AccountKind.SPONSOR_OWED);
  }

  /** Ether of one of our addresses. */
  public static AccountRef ether(String address, AccountKind kind) {
    return new AccountRef(address, kind);
  }
}
