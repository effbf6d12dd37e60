package io.naap.router.admission;

import io.naap.router.admission.quota.QuotaBinding;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.TenantQuotas;
import io.vertx.core.Promise;

/** A job that cannot be decided before Redis has answered. Guarded by its tenant's lock. */
final class PendingAdmission {
  final TenantQuotas tenant;
  final ReservationRequest request;

  /** As the job came; later jobs may have brought other limits, which do not count for this one. */
  final QuotaBinding binding;

  final Promise<Outcome> outcome = Promise.promise();

  /** Since when it waits; pauses of this process do not count. */
  long sinceNanos;

  /** Answers to calls made before then are not about this job. */
  long askedNanos;

  /** How often Redis has answered and did not have enough. */
  int answers;

  /** Other routers were asked to give back what they do not use. */
  boolean recalled;

  /** The ledger was asked for more money. */
  boolean refilled;

  /** The ledger is being asked; until it answers nothing is decided against the job. */
  boolean refilling;

  /** A lease call has failed while it waited. */
  boolean unanswered;

  PendingAdmission(
      TenantQuotas tenant, ReservationRequest request, QuotaBinding binding, long sinceNanos) {
    this.tenant = tenant;
    this.request = request;
    this.binding = binding;
    this.sinceNanos = sinceNanos;
    this.askedNanos = sinceNanos;
  }

  /** What it waits for, as far as that is seen without the lock. */
  @Override
  public String toString() {
    return "answers=%d, recalled=%s, refilled=%s, refilling=%s, unanswered=%s"
        .formatted(answers, recalled, refilled, refilling, unanswered);
  }
}
