package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import java.util.Optional;

/** Admission's books of tenants' money, as the check reads and mends them. */
interface AdmissionStore {
  /**
   * What it says of a tenant.
   *
   * @param funds empty when it knows of no money of the tenant; of no funding (an empty id) when it
   *     lost the tenant's books, and routers have given back since what they held
   * @param out what routers' own records add up to; admission counts the same as leased
   * @param returned what corrections have given back of what jobs were settled with
   * @param withdrawn what was taken back for the tenant, because no job needed it
   */
  record Page(Optional<AdmissionFunds> funds, long out, long returned, long withdrawn) {}

  /**
   * What came of taking idle money back.
   *
   * @param withdrawn everything ever taken back from this funding, this time included
   * @param taken this time
   * @param leased what routers hold; some of it may come back when they are asked
   */
  record Withdrawn(long withdrawn, long taken, long leased) {}

  /** Names this life of the store; empty when it has none yet. */
  Optional<String> epoch();

  Page read(String tenantId);

  /**
   * Replaces a page by another, if the store still says what was read.
   *
   * @return false when something has moved since
   */
  boolean replace(
      String epoch,
      String tenantId,
      Page before,
      AdmissionFunds after,
      long returned,
      long withdrawn);

  /**
   * Takes money back that no router leases and no job holds, and asks routers for the rest.
   *
   * @param most of it, in nano-dollars
   * @return empty when the store does not know this funding, or lives in another epoch
   */
  Optional<Withdrawn> withdraw(String epoch, String tenantId, String fundingId, long most);

  /**
   * Forgets everything and so begins a new life, if the store is still in that one.
   *
   * @return false when it no longer was
   */
  boolean forget(String epoch);
}
