package io.naap.router.admission;

import io.naap.router.admission.quota.QuotaBinding;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides jobs, and keeps those that wait for an answer of Redis, by tenant and in the order they
 * came. Any thread.
 */
final class PendingAdmissions {
  private final QuotaTable table;
  private final LimitChecker checker;
  private final QuotaTable.Work<ReservationRequest, Decision> decide = this::decide;

  /** Each queue is guarded by its tenant's lock. */
  private final Map<TenantQuotas, Deque<PendingAdmission>> waiting = new ConcurrentHashMap<>();

  PendingAdmissions(QuotaTable table, LimitChecker checker) {
    this.table = table;
    this.checker = checker;
  }

  /** Decides a job, or lets it wait and marks what is to be asked of Redis. */
  Decision decide(ReservationRequest request, long nanos) {
    return table.in(request.tenantId(), request, nanos, decide);
  }

  private Decision decide(TenantQuotas tenant, ReservationRequest request, long nanos) {
    QuotaBinding binding = table.binding(tenant, request, nanos);
    return switch (checker.check(tenant, binding, request, nanos)) {
      case Decision.Decided decided -> decided;
      case LimitChecker.Open open -> {
        PendingAdmission fresh = new PendingAdmission(tenant, request, binding, nanos);
        waiting.computeIfAbsent(tenant, first -> new ArrayDeque<>()).add(fresh);
        tenant.await(binding, request);
        table.ask(tenant, request.keyId());
        yield new Decision.Asking(fresh);
      }
    };
  }

  /**
   * What became of jobs that waited.
   *
   * @param done these wait no more
   * @param outcomes of those that are done, in the same order
   * @param needMoney the ledger is to be asked for these
   * @param later these wait until other routers have given back
   */
  record Resolved(
      List<PendingAdmission> done,
      List<Outcome> outcomes,
      List<PendingAdmission> needMoney,
      List<PendingAdmission> later) {
    Resolved() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /**
   * Decides the jobs of a tenant that wait, after an answer of Redis.
   *
   * @param patienceNanos after which a job that waits is told to come back
   */
  Resolved resolve(TenantQuotas tenant, long patienceNanos, long nanos) {
    return table.in(
        tenant,
        new Resolved(),
        nanos,
        (of, resolved, now) -> {
          for (PendingAdmission one : all(of)) {
            switch (checker.checkAgain(one, patienceNanos, now)) {
              case Decision.Decided decided -> end(one, decided.outcome(), resolved);
              case LimitChecker.Open open -> {
                switch (open) {
                  case REDIS -> table.ask(of, one.request.keyId());
                  case LEDGER -> resolved.needMoney.add(one);
                  case OTHER_ROUTERS -> resolved.later.add(one);
                  case NOBODY -> {}
                }
              }
            }
          }
          return resolved;
        });
  }

  /**
   * A lease call has failed and is made again. A pause of this process looks like a Redis that is
   * gone, so only jobs that waited through two failures are refused. A job that only waited behind
   * others, and fits into what is here, runs.
   */
  Resolved unanswered(TenantQuotas tenant, long nanos) {
    return table.in(
        tenant,
        new Resolved(),
        nanos,
        (of, resolved, now) -> {
          for (PendingAdmission one : all(of)) {
            if (checker.fits(one, now)) {
              end(one, checker.admit(one, now).outcome(), resolved);
            } else if (one.unanswered) {
              end(one, Outcome.Refused.unavailable(), resolved);
            }
            one.unanswered = true;
          }
          return resolved;
        });
  }

  /** Metering does not say where a subject's counters begin: jobs that wait for it come back. */
  Resolved unseeded(SubjectQuotas subject, long nanos) {
    return table.in(
        subject.tenant(),
        new Resolved(),
        nanos,
        (of, resolved, now) -> {
          for (PendingAdmission one : all(of)) {
            if (one.binding.waitsFor(subject, one.request, now)) {
              end(one, Outcome.Refused.unavailable(), resolved);
            }
          }
          return resolved;
        });
  }

  /** The tenants whose jobs wait. */
  Collection<TenantQuotas> tenants() {
    return waiting.keySet();
  }

  PendingAdmission[] all(TenantQuotas tenant) {
    Deque<PendingAdmission> queue = waiting.get(tenant);
    return queue == null ? new PendingAdmission[0] : queue.toArray(PendingAdmission[]::new);
  }

  private void end(PendingAdmission one, Outcome outcome, Resolved resolved) {
    remove(one);
    resolved.done.add(one);
    resolved.outcomes.add(outcome);
  }

  private boolean remove(PendingAdmission one) {
    Deque<PendingAdmission> queue = waiting.get(one.tenant);
    if (queue == null || !queue.remove(one)) {
      return false;
    }
    if (queue.isEmpty()) {
      waiting.remove(one.tenant);
    }
    one.tenant.leave(one.binding, one.request);
    return true;
  }

  /** Ends a job's waiting without an answer; false when it was decided meanwhile. */
  boolean giveUp(PendingAdmission one) {
    return table.in(one.tenant, one, 0, (tenant, left, now) -> remove(left));
  }

  /** Asks for a waiting job's leases again; only answers to calls from now on count for it. */
  void askAgain(PendingAdmission one, long nanos) {
    table.in(
        one.tenant,
        one,
        nanos,
        (tenant, again, now) -> {
          again.askedNanos = now;
          again.refilling = false;
          if (tenant.hasWaiting()) {
            table.ask(tenant, again.request.keyId());
          }
          return null;
        });
  }

  /**
   * A pause of this process, such as a long garbage collection, does not count as waiting.
   *
   * @param pausedNanos until now
   */
  void excuse(long pausedNanos, long nanos) {
    for (TenantQuotas tenant : waiting.keySet()) {
      table.in(
          tenant,
          pausedNanos,
          nanos,
          (of, paused, now) -> {
            for (PendingAdmission one : all(of)) {
              one.sinceNanos += Math.min(paused, now - one.sinceNanos);
            }
            return null;
          });
    }
  }
}
