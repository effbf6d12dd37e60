package io.naap.contracts.events;

/**
 * Names of the Redis Streams and of the fields of their entries. Field {@link #FIELD} holds the
 * JSON of the event. In streams whose consumers acknowledge, field {@link #ROW} stands before it,
 * and {@link #FIELD} may hold several events, one per line.
 */
public final class Topics {
  public static final String FIELD = "e";

  /**
   * The id of the row in the publisher's outbox; in an acknowledgement, the ids of all rows,
   * separated by commas.
   */
  public static final String ROW = "r";

  /** In an acknowledgement, the consumer group whose database has committed the rows. */
  public static final String CONSUMER = "g";

  /** {@link KeyChanged}: keys-service to every router. */
  public static final String KEYS = "naap:keys";

  /** {@link TenantChanged}: auth-service to all services. */
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
   * {@link RequestLogged}: routers to metering-service; one entry holds several, like {@link
   * UsageEntry}.
   */
  public static final String REQUESTS = "naap:requests";

  /** Prefix of the names of all usage streams. */
  public static final String USAGE_PREFIX = "naap:usage:";

  private Topics() {}

  /**
   * {@link UsageRecorded}: routers to metering-service, sharded by tenant; one entry holds several,
   * see {@link UsageEntry}. The first shard also carries {@link UsageMissing}.
   */
  public static String usage(int shard) {
    return USAGE_PREFIX + shard;
  }

  /**
   * The stream in which consumers of {@code stream} acknowledge the outbox rows that they have
   * committed.
   */
  public static String acknowledgements(String stream) {
    return stream + ":acks";
  }

  /** The shard that carries a tenant's usage, among {@code shards} of them. */
  public static int usageShard(String tenantId, int shards) {
    return Math.floorMod(tenantId.hashCode(), shards);
  }
}
