package io.naap.metering.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * The assignment of a plan to a tenant.
 *
 * @param effectiveFrom the instant from which it applies, until the next assignment
 */
public record Assignment(String tenantId, String planId, Instant effectiveFrom) {

  /**
   * A request to assign a plan to a tenant.
   *
   * @param effectiveFrom when the plan begins to apply, now when absent; fees and included units
   *     are prorated
   */
  public record Request(String planId, Optional<Instant> effectiveFrom) {
    public Request {
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
    }
  }
}
