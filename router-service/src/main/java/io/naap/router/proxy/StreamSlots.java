package io.naap.router.proxy;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.TenantPlan;
import io.vertx.core.Future;

/** The concurrency slots of streams that this router has, by request id. */
public interface StreamSlots {
  /** True while this router has a stream's slot. */
  boolean hasSlot(String requestId);

  /** Takes a stream's slot over from another router, or fails with the refusal. */
  Future<Void> takeSlot(KeyProfile profile, TenantPlan plan, String requestId);

  /** Gives a stream's slot back, if this router has it. */
  void leaveSlot(String requestId);
}
