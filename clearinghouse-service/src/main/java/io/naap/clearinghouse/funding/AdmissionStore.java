package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import java.util.Optional;

/** Admission's books of tenants' money, as the check reads and mends them. */
interface AdmissionStore {
  /**
   * What it says of a tenant.
   *
   * @param funds empty when it knows of no money of the tenant
   * @param out what routers' own records add up to; admission counts the same as leased
   * @param returned what corrections have given back of what jobs were settled with
   */
  record Page(Optional<AdmissionFunds> funds, long out, long returned) {}

  /** Names this life of the store; empty when it has none yet. */
  Optional<String> epoch();

  Page read(String tenantId);

  /**
   * Replaces a page by another, if the store still says what was read.
   *
   * @return false when something has moved since
   */
  boolean replace(String epoch, String tenantId, Page before, AdmissionFunds after, long returned);

  /**
   * Forgets everything and so begins a new life, if the store is still in that one.
   *
   * @return false when it no longer was
   */
  boolean forget(String epoch);
}
