package io.naap.router.admission;

import io.naap.router.admission.quota.Hold;
import io.naap.router.admission.quota.OpenHolds;
import io.naap.router.admission.quota.QuotaBinding;
import io.naap.router.admission.quota.QuotaLease;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.TenantQuotas;
import io.naap.router.limit.BoundLimits;
import io.naap.router.limit.LimitStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decides a job from the leases that are here. It does no input or output, has no clock of its own,
 * and is called with the tenant's lock held.
 */
final class LimitChecker {
  /** A job that Redis has answered so often without enough is refused. */
  private static final int MOST_ANSWERS = 4;

  private final OpenHolds holds;
  private final long abovePercent;

  /**
   * @param abovePercent what a job may come to above its hold, in percent of the hold
   */
  LimitChecker(OpenHolds holds, long abovePercent) {
    if (abovePercent < 0 || abovePercent > 10_000) {
      throw new IllegalArgumentException(
          "naap.admission.settle-above-percent must be from 0 to 10000");
    }
    this.holds = holds;
    this.abovePercent = abovePercent;
  }

  /** A job is decided, or who must be asked first. */
  sealed interface Verdict permits Decision.Decided, Open {}

  /** Who must be asked before the job is decided. */
  enum Open implements Verdict {
    /** Redis, for more quota. */
    REDIS,
    /** The ledger, for more money. */
    LEDGER,
    /** Other routers, which have quota that they may not use. */
    OTHER_ROUTERS,
    /** Nobody: an answer is on its way. */
    NOBODY
  }

  /** Checks a job that comes. */
  Verdict check(TenantQuotas tenant, QuotaBinding binding, ReservationRequest request, long nanos) {
    Hold known = holds.of(request);
    if (known != null) {
      return admitted(known, binding, request, nanos);
    }
    QuotaLease tooSmall = binding.firstShort(request, nanos);
    if (tooSmall == null && !tenant.hasWaiting()) {
      return admitted(take(binding, request, nanos), binding, request, nanos);
    }
    if (tooSmall != null && binding.isDenied(tooSmall, request, nanos)) {
      return refused(binding, request, nanos);
    }
    return Open.REDIS;
  }

  /** Checks a job that waits, after an answer of Redis. */
  Verdict checkAgain(PendingAdmission waiting, long patienceNanos, long nanos) {
    if (fits(waiting, nanos)) {
      return admit(waiting, nanos);
    }
    if (nanos - waiting.sinceNanos > patienceNanos) {
      return new Decision.Decided(Outcome.Refused.unavailable());
    }
    if (waiting.refilling) {
      return Open.NOBODY;
    }
    return waiting.binding.isAllKnown(nanos) ? checkShort(waiting, nanos) : Open.REDIS;
  }

  /** True when all that a job needs is here, or was taken for it before. */
  boolean fits(PendingAdmission waiting, long nanos) {
    return holds.of(waiting.request) != null
        || waiting.binding.firstShort(waiting.request, nanos) == null;
  }

  /** Takes all that a waiting job needs, which is here. */
  Decision.Decided admit(PendingAdmission waiting, long nanos) {
    Hold known = holds.of(waiting.request);
    Hold hold = known != null ? known : take(waiting.binding, waiting.request, nanos);
    return admitted(hold, waiting.binding, waiting.request, nanos);
  }

  private Hold take(QuotaBinding binding, ReservationRequest request, long nanos) {
    Hold hold = binding.take(request, abovePercent, nanos);
    holds.add(hold);
    return hold;
  }

  private static Decision.Decided admitted(
      Hold hold, QuotaBinding binding, ReservationRequest request, long nanos) {
    return new Decision.Decided(new Outcome.Admitted(hold, binding.status(request, nanos)));
  }

  /** Some lease is too small although Redis has answered. */
  private static Verdict checkShort(PendingAdmission waiting, long nanos) {
    ReservationRequest request = waiting.request;
    QuotaBinding binding = waiting.binding;
    boolean elsewhere = false;
    boolean limit = false;
    for (int at = 0; at < binding.size(); at++) {
      QuotaLease lease = binding.lease(at);
      long lacks = lease.lacking(request);
      if (lacks <= 0) {
        continue;
      }
      if (!lease.isAnsweredSince(waiting.askedNanos)) {
        // That answer was to a call made before this job came.
        return Open.REDIS;
      }
      if (lease.elsewhere() >= lacks) {
        elsewhere = true;
      } else if (!lease.amount().isMoney()) {
        limit = true;
      }
    }
    if (limit) {
      return refused(binding, request, nanos);
    }
    if (elsewhere && !waiting.recalled) {
      waiting.recalled = true;
      return Open.OTHER_ROUTERS;
    }
    if (binding.isShortOfMoney(request)) {
      return waiting.refilled ? refused(binding, request, nanos) : Open.LEDGER;
    }
    return ++waiting.answers < MOST_ANSWERS ? Open.REDIS : refused(binding, request, nanos);
  }

  private static Decision.Decided refused(
      QuotaBinding binding, ReservationRequest request, long nanos) {
    return new Decision.Decided(refusal(binding, request, nanos));
  }

  private static Outcome.Refused refusal(
      QuotaBinding binding, ReservationRequest request, long nanos) {
    LimitStatus status = binding.status(request, nanos);
    List<String> violated = new ArrayList<>();
    List<String> tooSmall = new ArrayList<>();
    long wait = 1;
    for (int rule : binding.shortRules(request)) {
      BoundLimits.Rule limit = status.rule(rule);
      tooSmall.add(limit.name());
      if (status.isViolated(rule) && !limit.shadow()) {
        violated.add(limit.name());
        boolean never =
            status.resetMillis(rule) < 0
                || binding.leaseOf(rule).amount().need(request) > limit.policy().limit();
        wait = wait < 0 || never ? -1 : Math.max(wait, status.resetSeconds(rule));
      }
    }
    if (!violated.isEmpty()) {
      return new Outcome.Refused(
          Outcome.Reason.LIMIT,
          wait < 0 ? OptionalLong.empty() : OptionalLong.of(wait),
          violated,
          status);
    }
    if (binding.isShortOfMoney(request)) {
      return new Outcome.Refused(Outcome.Reason.NO_MONEY, OptionalLong.empty(), List.of(), status);
    }
    // Other routers have it, and are asked to give back what they do not use.
    return new Outcome.Refused(Outcome.Reason.LIMIT, OptionalLong.of(1), tooSmall, status);
  }
}
