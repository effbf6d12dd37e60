package io.naap.metering.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * A plan given to a tenant.
 *
 * @param effectiveFrom from then on, until the next assignment
 */
public record Assignment(String tenantId, String planId, Instant effectiveFrom) {

  /**
   * A wish.
   *
   * @param effectiveFrom now when absent; fees and included units are prorated
   */
  public record Request(String planId, Optional<Instant> effectiveFrom) {
    public Request {
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
    }
  }
}
