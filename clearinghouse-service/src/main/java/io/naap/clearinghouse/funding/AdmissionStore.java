package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import java.util.Optional;

/** Tenants' money as admission keeps it in Redis, for reading and correcting. */
interface AdmissionStore {
  /**
   * What Redis has of a tenant.
   *
   * @param funds absent when Redis has no money of the tenant; with an empty funding id when Redis
   *     lost the tenant's money and routers have returned their leases since
   * @param out the sum of the routers' own records; Redis counts the same as leased
   * @param returned the sum that corrections gave back of settled jobs
   * @param withdrawn the sum of idle money that was taken back for the tenant
   */
  record Page(Optional<AdmissionFunds> funds, long out, long returned, long withdrawn) {}

  /**
   * The outcome of taking idle money back.
   *
   * @param withdrawn everything ever taken back from this funding, this time included
   * @param taken by this call
   * @param leased held by routers; they may return some of it when they are asked
   */
  record Withdrawn(long withdrawn, long taken, long leased) {}

  /** The epoch that Redis is in; absent when it has none yet. */
  Optional<String> epoch();

  Page read(String tenantId);

  /**
   * Replaces a tenant's money, if Redis still has what was read.
   *
   * @return false when something has changed since
   */
  boolean replace(
      String epoch,
      String tenantId,
      Page before,
      AdmissionFunds after,
      long returned,
      long withdrawn);

  /**
   * Takes back money that no router leases and no job holds, and asks routers to return the rest.
   *
   * @param most the most to take, in nano-dollars
   * @return absent when Redis does not have this funding, or is in another epoch
   */
  Optional<Withdrawn> withdraw(String epoch, String tenantId, String fundingId, long most);

  /**
   * Deletes all admission keys, so that a new epoch begins, if Redis is still in this one.
   *
   * @return false when Redis is in another epoch
   */
  boolean forget(String epoch);
}
