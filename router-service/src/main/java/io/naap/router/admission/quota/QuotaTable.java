package io.naap.router.admission.quota;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.limit.BoundLimits;
import io.naap.router.limit.LimitOverrides;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The leases of all tenants and keys. It is the one class that takes their locks: each of its
 * operations works on one tenant after the other, under that tenant's lock.
 */
public final class QuotaTable {
  private final Map<String, TenantQuotas> tenants = new ConcurrentHashMap<>();
  private final LeaseQueue queue = new LeaseQueue();
  private final AtomicLong lastPosition = new AtomicLong();
  private final RedisTime time = new RedisTime();
  private volatile LimitOverrides overrides = LimitOverrides.NONE;

  /**
   * Work on one tenant, done under its lock: short, and without input or output. Its argument is
   * handed through, so that callers need no new object for each job.
   */
  public interface Work<A, R> {
    R on(TenantQuotas tenant, A argument, long nanos);
  }

  /** Works on a tenant, which is put into the table if it is not there. */
  public <A, R> R in(String tenantId, A argument, long nanos, Work<A, R> work) {
    while (true) {
      TenantQuotas tenant = tenants.get(tenantId);
      if (tenant == null) {
        tenant =
            tenants.computeIfAbsent(tenantId, fresh -> new TenantQuotas(fresh, lastPosition()));
      }
      synchronized (tenant) {
        if (!tenant.dropped) {
          return work.on(tenant, argument, nanos);
        }
      }
    }
  }

  /** Works on a tenant that is known. */
  public <A, R> R in(TenantQuotas tenant, A argument, long nanos, Work<A, R> work) {
    synchronized (tenant) {
      return work.on(tenant, argument, nanos);
    }
  }

  private void in(TenantQuotas tenant, Runnable work) {
    synchronized (tenant) {
      work.run();
    }
  }

  private void inEach(Consumer<TenantQuotas> work) {
    for (TenantQuotas tenant : tenants.values()) {
      in(tenant, () -> work.accept(tenant));
    }
  }

  public Collection<TenantQuotas> tenants() {
    return tenants.values();
  }

  /** A tenant, if anything of it is here; else null. */
  public TenantQuotas known(String tenantId) {
    return tenants.get(tenantId);
  }

  public RedisTime time() {
    return time;
  }

  public LeaseQueue queue() {
    return queue;
  }

  /** The overrides that hold from the next job on. */
  public void override(LimitOverrides now) {
    overrides = now;
  }

  public LimitOverrides overrides() {
    return overrides;
  }

  /** The position of the last usage event that was settled. */
  public long lastPosition() {
    return lastPosition.get();
  }

  /** Usage was settled up to a position. */
  public void reached(long position) {
    if (position > lastPosition.get()) {
      lastPosition.accumulateAndGet(position, Math::max);
    }
  }

  // --- jobs; all but settle and release with the tenant's lock held ---

  /** A request's limits and the leases that decide them; used from now on. */
  public QuotaBinding binding(TenantQuotas tenant, ReservationRequest request, long nanos) {
    SubjectQuotas key = tenant.key(request.keyId(), lastPosition());
    tenant.subject().touch(nanos);
    key.touch(nanos);
    QuotaBinding binding = key.binding();
    LimitOverrides now = overrides;
    if (binding == null || !binding.isOf(request, now)) {
      BoundLimits limits =
          BoundLimits.bind(request.limits(), request.prepaid(), now, tenant.id(), request.keyId());
      binding = QuotaBinding.bind(limits, key, time, queue);
      if (key.isTelling()) {
        queue.report(key);
      }
      if (tenant.subject().isTelling()) {
        queue.report(tenant.subject());
      }
    }
    return binding;
  }

  /** Asks Redis for the leases of a key and its tenant. */
  public void ask(TenantQuotas tenant, String keyId) {
    queue.ask(tenant.subject());
    queue.ask(tenant.key(keyId, lastPosition()));
  }

  /** Settles a hold once with what was used; false when it was settled before. */
  public boolean settle(Hold hold, Units units, NanoUsd cost, long position, long nanos) {
    synchronized (hold.tenant()) {
      if (!hold.settle(units, cost, time.second(nanos), nanos, queue)) {
        return false;
      }
      reached(position);
      hold.settledAt(position, nanos);
      return true;
    }
  }

  /** Gives a hold back unused; false when it was given back or settled before. */
  public boolean release(Hold hold) {
    synchronized (hold.tenant()) {
      return hold.release();
    }
  }

  /** Gives back what a hold took of limits per minute. */
  public void releaseMinutes(Hold hold) {
    synchronized (hold.tenant()) {
      hold.releaseMinutes();
    }
  }

  /** What the jobs that wait for a tenant's money need together. */
  public NanoUsd pendingMoney(TenantQuotas tenant) {
    synchronized (tenant) {
      return NanoUsd.ofNanos(tenant.money().pending());
    }
  }

  // --- what Redis is told and asked ---

  /** Makes the report of a subject for a lease call; null when there is nothing to say. */
  public SubjectQuotas.Report report(SubjectQuotas subject, long nanos) {
    synchronized (subject.tenant()) {
      subject.queued = false;
      subject.reporting = false;
      SubjectQuotas.Report report = subject.report(time.second(nanos), nanos);
      subject.asked |= report != null;
      return report;
    }
  }

  /** Redis did what a call said, but its answer was lost. */
  public void done(SubjectQuotas.Report report) {
    in(report.of().tenant(), () -> report.of().asked = false);
  }

  /** Redis did not do what a call said: it is still to be said. */
  public void notDone(SubjectQuotas.Report report) {
    in(
        report.of().tenant(),
        () -> {
          report.of().asked = false;
          report.of().restore(report);
        });
  }

  /**
   * Takes what Redis granted.
   *
   * @param counted Redis knows the subject's counters and has counted the report
   * @param askedNanos when the call was made
   * @param deniedNanos how long an answer "nothing left" is believed
   */
  public void granted(
      SubjectQuotas.Report report,
      List<LeaseGrant> grants,
      boolean counted,
      long askedNanos,
      long nanos,
      long deniedNanos) {
    SubjectQuotas subject = report.of();
    synchronized (subject.tenant()) {
      subject.asked = false;
      for (int at = 0; at < grants.size(); at++) {
        QuotaLease.Report asked = report.leases().get(at);
        asked.lease().grant(grants.get(at), asked, counted, askedNanos, nanos, deniedNanos);
        if (asked.lease().amount().isMoney()) {
          subject.tenant().funded(grants.get(at));
        }
      }
      if (counted) {
        subject.confirmed();
      } else {
        subject.unconfirmed();
      }
    }
  }

  /** True once until {@link #seeded}: metering is to be asked where counters begin. */
  public boolean beginSeeding(SubjectQuotas subject) {
    synchronized (subject.tenant()) {
      boolean begins = !subject.seeding;
      subject.seeding = true;
      return begins;
    }
  }

  /**
   * Metering has answered where a subject's counters begin, or did not.
   *
   * @param answered Redis is asked again
   * @param seed null when there is no answer that holds
   */
  public void seeded(SubjectQuotas subject, boolean answered, CounterSeed seed) {
    synchronized (subject.tenant()) {
      subject.seeding = false;
      if (answered) {
        subject.seed(seed);
        queue.ask(subject);
      }
    }
  }

  /** A new epoch of Redis: nothing that was out counts any more, only jobs that run. */
  public void newEpoch() {
    inEach(
        tenant -> {
          tenant.newEpoch();
          tenant.eachSubject(
              subject -> {
                if (subject.newEpoch()) {
                  queue.ask(subject);
                }
              });
        });
  }

  /** Takes over what Redis says is out to this router, by subject and field. */
  public void adopt(Map<String, Map<String, Long>> out) {
    inEach(
        tenant ->
            tenant.eachSubject(
                subject -> {
                  subject.adopt(out.getOrDefault(subject.name(), Map.of()));
                  queue.ask(subject);
                }));
  }

  /** All usage up to the last position was settled, by this process or an earlier one. */
  public void reachedLastPosition() {
    inEach(tenant -> tenant.eachSubject(subject -> subject.reachedPosition(lastPosition())));
  }

  /** Other routers lack what a subject does not use here. */
  public void recall(String subjectName) {
    String id = subjectName.substring(2);
    if (subjectName.charAt(0) == 't') {
      TenantQuotas tenant = tenants.get(id);
      if (tenant != null) {
        recall(tenant, tenant.subject());
      }
      return;
    }
    for (TenantQuotas tenant : tenants.values()) {
      synchronized (tenant) {
        SubjectQuotas key = tenant.key(id);
        if (key != null) {
          recall(tenant, key);
          return;
        }
      }
    }
  }

  private void recall(TenantQuotas tenant, SubjectQuotas subject) {
    synchronized (tenant) {
      if (subject.recall()) {
        queue.ask(subject);
      }
    }
  }

  /** From now on nothing is kept here for jobs to come. */
  public void giveAllBack(long nanos) {
    inEach(
        tenant ->
            tenant.eachSubject(
                subject -> {
                  subject.giveBackSoon(nanos);
                  queue.ask(subject);
                }));
  }

  /** The first usage event that Redis may not have heard of; the largest number for none. */
  public long unheardFrom() {
    long first = Long.MAX_VALUE;
    for (TenantQuotas tenant : tenants.values()) {
      synchronized (tenant) {
        first = Math.min(first, tenant.subject().unheardFrom());
        for (SubjectQuotas key : tenant.keys().values()) {
          first = Math.min(first, key.unheardFrom());
        }
      }
    }
    return first;
  }

  public long unheardFrom(SubjectQuotas subject) {
    synchronized (subject.tenant()) {
      return subject.unheardFrom();
    }
  }

  /** Queues reports that are due, and forgets keys and tenants that nobody uses. */
  public void sweep(long nanos) {
    for (Iterator<TenantQuotas> all = tenants.values().iterator(); all.hasNext(); ) {
      TenantQuotas tenant = all.next();
      synchronized (tenant) {
        tenant.eachSubject(
            subject -> {
              if (subject.isReportDue(nanos)) {
                queue.report(subject);
              }
            });
        tenant.keys().values().removeIf(key -> key.isForgotten(nanos));
        if (tenant.keys().isEmpty()
            && !tenant.hasWaiting()
            && tenant.subject().isForgotten(nanos)) {
          tenant.dropped = true;
          all.remove();
        }
      }
    }
  }
}
