package io.naap.clearinghouse.transfer;

/** Asks which tenants a caller belongs to. */
interface Tenancies {
  /** The answer. */
  sealed interface Tenancy {
    /** The caller belongs to the tenant. */
    record Member() implements Tenancy {}

    /** The caller belongs to the tenant, which is suspended. */
    record Suspended() implements Tenancy {}

    /** The caller does not belong to the tenant, or it does not exist. */
    record Stranger() implements Tenancy {}

    /** auth-service could not be asked. */
    record Unknown() implements Tenancy {}
  }

  /**
   * Asks, as the caller.
   *
   * @param authorization the caller's own header
   */
  Tenancy of(String authorization, String tenantId);
}
