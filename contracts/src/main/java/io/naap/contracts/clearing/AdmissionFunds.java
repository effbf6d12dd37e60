package io.naap.contracts.clearing;

/**
 * A tenant's funding as admission keeps it in Redis, one hash per tenant. The router's lease script
 * writes it, and so does the ledger when it takes idle money back or corrects the funding. A check
 * compares it with the ledger.
 *
 * <p>All amounts are nano-dollars as plain integers. At any moment
 *
 * <pre>{@code total = available + leased + spent}</pre>
 *
 * <p><b>spent</b> is what routers settled jobs with, plus what the ledger took back because no job
 * needed it (the field {@code withdrawn} holds that sum). Routers report what they settled within
 * seconds; until then it is counted as {@code leased}, so {@code spent} is lower than what the
 * usage stream already shows. What the ledger has set aside for the funding and not yet charged is
 * {@code available + leased + spent - charged}; when routers and metering are idle, that equals
 * {@code available + leased}.
 *
 * @param funding {@link #FUNDING}: {@code fnd_...}; absent until the tenant is first funded
 * @param total {@link #TOTAL}: everything ever set aside under this funding; never falls
 * @param available {@link #AVAILABLE}: leased to no router; negative when jobs cost more than their
 *     holds
 * @param leased {@link #LEASED}: leases of all routers, holds of running jobs included. A dead
 *     router's lease stays here, as far as it may have been spent, until the router returns or is
 *     given up
 * @param spent {@link #SPENT}: settled
 */
public record AdmissionFunds(String funding, long total, long available, long leased, long spent) {
  public static final String FUNDING = "funding";
  public static final String TOTAL = "total";
  public static final String AVAILABLE = "available";
  public static final String LEASED = "leased";
  public static final String SPENT = "spent";

  /**
   * A Redis hash whose field {@link #EPOCH} is the current epoch: it names one life of admission's
   * Redis. A funding belongs to one epoch, see {@link FundRequest}.
   */
  public static final String STORE_KEY = "naap:adm:store";

  public static final String EPOCH = "epoch";

  /**
   * The epoch in which a tenant's hash was written. A hash of another epoch is ignored: Redis was
   * restarted since, and may have lost writes that it had acknowledged.
   */
  public static final String LIFE = "e";

  /** The Redis key of a tenant's hash, which also holds the tenant's counters. */
  public static String key(String tenantId) {
    return "naap:adm:t:" + tenantId;
  }
}
