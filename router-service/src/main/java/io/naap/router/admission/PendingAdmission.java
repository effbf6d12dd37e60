package io.naap.router.admission;

import io.vertx.core.Promise;

/** A job that cannot be decided before the store has answered. */
final class PendingAdmission {
  final TenantQuotas tenant;
  final ReservationRequest demand;

  /** As it came; whoever came later may have brought other limits, and those count then. */
  final BoundLimits terms;

  final Promise<Outcome> outcome = Promise.promise();

  /** Since when it waits for others. */
  long sinceNanos;

  long askedNanos;
  int answers;
  boolean recalled;
  boolean refilled;

  /** A call of the store has failed while it waited. */
  boolean unanswered;

  /** The ledger is being asked; until it has answered nothing is decided against the job. */
  boolean refilling;

  PendingAdmission(TenantQuotas tenant, ReservationRequest demand, BoundLimits terms, long sinceNanos) {
    this.tenant = tenant;
    this.demand = demand;
    this.terms = terms;
    this.sinceNanos = sinceNanos;
    this.askedNanos = sinceNanos;
  }

  /** For what it waits, as far as it is seen without a lock. */
  @Override
  public String toString() {
    return "answers=%d, recalled=%s, refilled=%s, refilling=%s, unanswered=%s"
        .formatted(answers, recalled, refilled, refilling, unanswered);
  }
}
