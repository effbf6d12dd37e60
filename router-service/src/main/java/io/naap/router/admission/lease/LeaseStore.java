package io.naap.router.admission.lease;

import io.naap.contracts.money.NanoUsd;
import io.vertx.core.Future;

/**
 * Where all routers lease from: Redis, or a model of it in tests. A failed future means that there
 * was no answer; whether the call was done is unknown.
 */
public interface LeaseStore {
  Future<LeaseReply> lease(LeaseCall call);

  /** Puts a funding's total into a tenant's pool of money; may be repeated. */
  Future<Void> fund(String epoch, String tenantId, String fundingId, NanoUsd total);
}
