package io.naap.contracts.events;

/**
 * Names of the Redis Streams. An entry has the field {@link #FIELD}, holding the event's JSON. An
 * entry that its consumers acknowledge has {@link #ROW} before it, and may hold several events, one
 * a line.
 */
public final class Topics {
  public static final String FIELD = "e";

  /** The row of the publisher's outbox; in an acknowledgement the rows, with commas between. */
  public static final String ROW = "r";

  /** In an acknowledgement, the consumer group that has committed the rows. */
  public static final String CONSUMER = "g";

  /** {@link KeyChanged}: keys-service to every router. */
  public static final String KEYS = "naap:keys";

  /** {@link TenantChanged}: auth-service to all. */
  public static final String TENANTS = "naap:tenants";

  /** {@link PlanChanged}: metering-service to every router. */
  public static final String PLANS = "naap:plans";

  /** {@link ChargeRated}: metering-service to clearinghouse-service. */
  public static final String CHARGES = "naap:charges";

  /** {@link UsageCommitted}: metering-service to every router. */
  public static final String USAGE_COMMITTED = "naap:usage-committed";

  /** {@link FeeCharged}: metering-service to clearinghouse-service. */
  public static final String FEES = "naap:fees";

  /** {@link InvoiceFinalized}: metering-service to clearinghouse-service. */
  public static final String INVOICES = "naap:invoices";

  /** {@link InvoicePaid}: clearinghouse-service to metering-service. */
  public static final String INVOICE_PAYMENTS = "naap:invoice-payments";

  /** {@link BalanceChanged}: clearinghouse-service to metering-service. */
  public static final String BALANCES = "naap:balances";

  /** {@link TopUpWanted}: metering-service to clearinghouse-service. */
  public static final String TOP_UPS = "naap:top-ups";

  /** {@link NetworkCostIncurred}: clearinghouse-service to metering-service. */
  public static final String NETWORK_COSTS = "naap:network-costs";

  /** {@link ChargesSummed}: metering-service to clearinghouse-service. */
  public static final String CHARGE_SUMS = "naap:charge-sums";

  /** {@link ChargesAsked}: clearinghouse-service to metering-service. */
  public static final String CHARGE_QUESTIONS = "naap:charge-questions";

  /** {@link ChargesListed}: metering-service to clearinghouse-service. */
  public static final String CHARGE_LISTS = "naap:charge-lists";

  /**
   * {@link RequestLogged}: routers to metering-service; several in an entry, like {@link
   * UsageEntry}.
   */
  public static final String REQUESTS = "naap:requests";

  /** What the names of all usage streams begin with. */
  public static final String USAGE_PREFIX = "naap:usage:";

  private Topics() {}

  /**
   * {@link UsageRecorded}: routers to metering-service, sharded by tenant; several in an entry, see
   * {@link UsageEntry}. Also {@link UsageMissing}, on the first shard.
   */
  public static String usage(int shard) {
    return USAGE_PREFIX + shard;
  }

  /** Where consumers of a stream say which rows of its publisher's outbox they have committed. */
  public static String acknowledgements(String stream) {
    return stream + ":acks";
  }

  /** The shard of a tenant's usage among so many. */
  public static int usageShard(String tenantId, int shards) {
    return Math.floorMod(tenantId.hashCode(), shards);
  }
}
