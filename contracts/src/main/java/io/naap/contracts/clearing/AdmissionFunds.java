package io.naap.contracts.clearing;

/**
 * Where admission keeps a tenant's funding in Redis: one hash a tenant, read by the check that
 * compares it with the ledger. A router's lease script writes it, and the ledger when it takes idle
 * money back or corrects it.
 *
 * <p>All amounts are nano-dollars as plain integers. At any moment
 *
 * <pre>{@code total = available + leased + spent}</pre>
 *
 * where <b>spent</b> is what routers have settled jobs with, and what the ledger took back because
 * no job needed it (of which a field {@code withdrawn} beside it has the sum). Routers say so
 * within seconds, so {@code spent} runs behind the usage stream by what is still counted as {@code
 * leased}. What the ledger has set aside for the funding and not yet charged is therefore {@code
 * available + leased + spent - charged}; with routers and metering quiet, that is {@code available
 * + leased}.
 *
 * @param funding {@link #FUNDING}: {@code fnd_...}; absent before the first money came
 * @param total {@link #TOTAL}: everything ever set aside under this funding; never falls
 * @param available {@link #AVAILABLE}: leased to no router; below zero by what jobs cost more than
 *     was held for them
 * @param leased {@link #LEASED}: shares that routers hold, holds of running jobs included; also a
 *     dead router's share, as far as it may have been spent, until the router comes back or is
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
   * A hash whose field {@link #EPOCH} names the store's life; a funding belongs to one epoch, see
   * {@link FundRequest}.
   */
  public static final String STORE_KEY = "naap:adm:store";

  public static final String EPOCH = "epoch";

  /**
   * The epoch that a tenant's hash belongs to. One of another epoch says nothing: the server was
   * started anew since, and may remember less than it had answered.
   */
  public static final String LIFE = "e";

  /** The hash of a tenant. It has other fields too: the tenant's counters. */
  public static String key(String tenantId) {
    return "naap:adm:t:" + tenantId;
  }
}
