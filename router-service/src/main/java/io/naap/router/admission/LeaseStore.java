package io.naap.router.admission;

import io.naap.contracts.money.NanoUsd;
import io.vertx.core.Future;

/**
 * Where all routers take their shares from. A failed future means that it did not answer, and
 * whether it did what it was asked is unknown.
 */
interface LeaseStore {
  Future<LeaseReply> lease(LeaseCall call);

  /** Takes a funding's total into a tenant's pool; may be repeated. */
  Future<Void> fund(String epoch, String tenantId, String fundingId, NanoUsd total);
}
