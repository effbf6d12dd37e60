package io.naap.clearinghouse.transfer;

/** Which tenants a caller belongs to. */
interface Tenancies {
  /** What came of asking. */
  sealed interface Tenancy {
    /** The caller belongs to the tenant. */
    record Member() implements Tenancy {}

    /** The caller belongs to the tenant, which is suspended. */
    record Suspended() implements Tenancy {}

    /** There is no such tenant for the caller. */
    record Stranger() implements Tenancy {}

    /** Nobody can say now. */
    record Unknown() implements Tenancy {}
  }

  /**
   * Asks, as the caller.
   *
   * @param authorization the caller's own header
   */
  Tenancy of(String authorization, String tenantId);
}
