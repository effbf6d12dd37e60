package io.naap.router.admission;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.router.admission.lease.LeaseCall;
import io.naap.router.admission.lease.LeaseClient;
import io.naap.router.admission.lease.LeaseReply;
import io.naap.router.admission.lease.LeaseStore;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Makes lease calls, one at a time and on one context, and decides the jobs that wait for their
 * answers. It calls as soon as something is due, and otherwise often enough to keep the lease.
 */
final class LeaseLoop {
  private static final Logger LOG = Logger.getLogger(LeaseLoop.class);
  private static final long TICK_MILLIS = 50;

  /** With nothing to say, a call is made so often. */
  private static final long BEAT_NANOS = 250_000_000L;

  /** Until a call is made again that failed, or a new epoch begins to lease. */
  static final long PAUSE_MILLIS = 100;

  /** Until the spool is read again that could not be read. */
  private static final long RECOVER_AGAIN_MILLIS = 5_000;

  /** How long other routers have to give back what they do not use. */
  private static final long RECALL_MILLIS = 350;

  /** A longer time without any turn of this loop is a pause of the process. */
  private static final long PAUSED_NANOS = 500_000_000L;

  private final LeaseClient leases;
  private final LeaseStore store;
  private final PendingAdmissions pending;
  private final SpooledUsage spooled;
  private final Ids ids;
  private final Context context;
  private final long patienceNanos;
  private final AtomicBoolean kicked = new AtomicBoolean();
  private Function<SubjectQuotas, Future<Void>> seed;
  private Function<PendingAdmission, Future<Void>> refill;

  /** A call is under way; on the context only, as the next one. */
  private boolean asking;

  /** When this loop had its last turn. */
  private long aliveNanos;

  private volatile boolean stopped;
  private volatile boolean recovered;

  LeaseLoop(
      LeaseClient leases,
      LeaseStore store,
      PendingAdmissions pending,
      SpooledUsage spooled,
      Ids ids,
      Context context,
      Duration patience) {
    this.leases = leases;
    this.store = store;
    this.pending = pending;
    this.spooled = spooled;
    this.ids = ids;
    this.context = context;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Begins to call.
   *
   * @param seed asks metering where a subject's counters begin
   * @param refill asks the ledger for money that a job needs
   */
  void start(
      Function<SubjectQuotas, Future<Void>> seed, Function<PendingAdmission, Future<Void>> refill) {
    this.seed = seed;
    this.refill = refill;
    context.owner().setPeriodic(TICK_MILLIS, timer -> tick());
    kick();
  }

  /** Makes no call any more. */
  void stop() {
    stopped = true;
  }

  /** True once an earlier process's usage is known, so that nothing of it can be missed. */
  boolean hasRecovered() {
    return recovered;
  }

  /** Something is due now. Any thread. */
  void kick() {
    if (kicked.compareAndSet(false, true)) {
      context.runOnContext(
          now -> {
            kicked.set(false);
            call();
          });
    }
  }

  private void tick() {
    context.runOnContext(now -> call());
  }

  /** A pause of this process does not count towards the jobs' patience. */
  private void alive(long nanos) {
    long paused = nanos - aliveNanos;
    if (aliveNanos != 0 && paused > PAUSED_NANOS) {
      LOG.debugf("this process paused for %d ms", paused / 1_000_000);
      pending.excuse(paused, nanos);
    }
    aliveNanos = nanos;
  }

  private boolean isDue(long nanos) {
    return leases.hasDue() || !leases.isWelcome() || nanos - leases.heardNanos() >= BEAT_NANOS;
  }

  private void call() {
    long nanos = System.nanoTime();
    alive(nanos);
    if (stopped || asking || !isDue(nanos)) {
      return;
    }
    asking = true;
    LeaseCall call = leases.compose(ids.next(IdKind.FUNDING), spooled.uncommitted(), nanos);
    store
        .lease(call)
        .onComplete(
            done ->
                context.runOnContext(
                    now -> {
                      asking = false;
                      if (done.succeeded()) {
                        answered(done.result(), nanos);
                      } else {
                        failed(done.cause());
                      }
                    }));
  }

  private void failed(Throwable cause) {
    if (String.valueOf(cause.getMessage()).contains("SUBJECT_TWICE")) {
      LOG.errorf("this router made a lease call that Redis refuses: %s", cause.getMessage());
    } else {
      LOG.debugf(cause, "Redis did not answer a lease call");
    }
    pending.tenants().forEach(tenant -> complete(pending.unanswered(tenant, System.nanoTime())));
    context.owner().setTimer(PAUSE_MILLIS, later -> tick());
  }

  private void answered(LeaseReply reply, long askedNanos) {
    long nanos = System.nanoTime();
    alive(nanos);
    LeaseClient.Next next = leases.apply(reply, askedNanos, nanos);
    if (reply instanceof LeaseReply.Welcome hello && !recovered) {
      recover(hello);
    }
    next.toSeed().forEach(subject -> seed.apply(subject).onSuccess(done -> kick()));
    next.answered().forEach(this::resolve);
    if (!next.later().isEmpty()) {
      context
          .owner()
          .setTimer(
              PAUSE_MILLIS,
              later -> {
                next.later().forEach(this::resolve);
                kick();
              });
    }
    if (leases.hasDue() || !leases.isWelcome()) {
      call();
    }
  }

  /** Reads the spool, which may take long; no call is made meanwhile. */
  private void recover(LeaseReply.Welcome hello) {
    asking = true;
    context
        .owner()
        .executeBlocking(
            () -> {
              leases.recover(hello, spooled::left, System.nanoTime());
              return null;
            })
        .onComplete(
            done ->
                context.runOnContext(
                    now -> {
                      if (done.succeeded()) {
                        recovered = true;
                        asking = false;
                        call();
                      } else {
                        LOG.errorf(
                            done.cause(),
                            "the spool of this router's last run cannot be read: no job is admitted"
                                + " until it can be");
                        context.owner().setTimer(RECOVER_AGAIN_MILLIS, later -> recover(hello));
                      }
                    }));
  }

  // --- jobs that wait ---

  private void resolve(TenantQuotas tenant) {
    PendingAdmissions.Resolved resolved = pending.resolve(tenant, patienceNanos, System.nanoTime());
    complete(resolved);
    resolved.needMoney().forEach(this::refill);
    for (PendingAdmission waiting : resolved.later()) {
      context.owner().setTimer(RECALL_MILLIS, later -> askAgain(waiting));
    }
  }

  private void refill(PendingAdmission waiting) {
    refill.apply(waiting).onComplete(done -> context.runOnContext(now -> refilled(waiting, done)));
  }

  private void refilled(PendingAdmission waiting, AsyncResult<Void> done) {
    if (done.succeeded()) {
      askAgain(waiting);
      return;
    }
    LOG.debugf(done.cause(), "the ledger did not answer");
    if (pending.giveUp(waiting)) {
      waiting.outcome.tryComplete(Outcome.Refused.unavailable());
    }
  }

  private void askAgain(PendingAdmission waiting) {
    pending.askAgain(waiting, System.nanoTime());
    kick();
  }

  /** Metering does not say where a subject's counters begin. */
  void unseeded(SubjectQuotas subject) {
    complete(pending.unseeded(subject, System.nanoTime()));
  }

  private static void complete(PendingAdmissions.Resolved resolved) {
    for (int at = 0; at < resolved.done().size(); at++) {
      PendingAdmission waiting = resolved.done().get(at);
      Outcome outcome = resolved.outcomes().get(at);
      if (outcome instanceof Outcome.Refused refused
          && refused.reason() == Outcome.Reason.UNAVAILABLE) {
        LOG.debugf(
            "a job was not decided in time, millis=%d, %s",
            (System.nanoTime() - waiting.sinceNanos) / 1_000_000, waiting);
      }
      waiting.outcome.tryComplete(outcome);
    }
  }
}
