package io.naap.router.admission;

import io.naap.contracts.money.NanoUsd;
import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this router has: the shares of its tenants and keys, the holds taken from them, and what the
 * store is to be asked for. {@link LimitChecker} takes from it, {@link ReservationSettlement} gives back to it and
 * {@link LeaseClient} keeps it filled. A tenant's part is guarded by the tenant's lock.
 */
final class QuotaTable {
  private final Map<String, TenantQuotas> tenants = new ConcurrentHashMap<>();
  private final Map<String, Hold> holds = new ConcurrentHashMap<>();

  /** Of streams, by what they are called; nothing ends them but their streams. */
  private final Map<String, Hold> places = new ConcurrentHashMap<>();

  private final Queue<SubjectQuotas> due = new ConcurrentLinkedQueue<>();
  private final Queue<SubjectQuotas> reports = new ConcurrentLinkedQueue<>();
  private final AtomicLong lastPosition = new AtomicLong();
  private final RedisTime time = new RedisTime();
  private volatile LimitOverrides overrides = LimitOverrides.NONE;

  // --- whose ---

  TenantQuotas tenant(String id) {
    TenantQuotas known = tenants.get(id);
    return known != null
        ? known
        : tenants.computeIfAbsent(id, fresh -> new TenantQuotas(fresh, lastPosition()));
  }

  /** A tenant, if anything of it is here; else null. */
  TenantQuotas known(String id) {
    return tenants.get(id);
  }

  Collection<TenantQuotas> tenants() {
    return tenants.values();
  }

  /** Of money: what neither this router nor another one has. */
  long inPool(String tenantId) {
    TenantQuotas tenant = tenants.get(tenantId);
    return tenant == null ? 0 : tenant.inPool;
  }

  /** Of money: what those who wait need together. */
  NanoUsd pendingMoney(TenantQuotas tenant) {
    synchronized (tenant) {
      return NanoUsd.ofNanos(tenant.money.pending);
    }
  }

  /** Of money: all that this life of the store was ever given for a tenant. */
  NanoUsd total(String tenantId) {
    TenantQuotas tenant = tenants.get(tenantId);
    return NanoUsd.ofNanos(tenant == null ? 0 : tenant.total);
  }

  // --- holds ---

  void add(Hold hold) {
    holds.put(hold.id, hold);
  }

  void remove(Hold hold) {
    holds.remove(hold.id, hold);
  }

  /** A hold by its name, if this router took it and it was not settled. */
  Hold hold(String id) {
    return holds.get(id);
  }

  void addPlace(String name, Hold place) {
    places.put(name, place);
  }

  /** The place of a stream, if this router has it. */
  Hold place(String name) {
    return places.get(name);
  }

  Hold removePlace(String name) {
    return places.remove(name);
  }

  /** What a demand asked for before, should it ask again. */
  Hold taken(ReservationRequest demand) {
    return demand.counts() == ReservationRequest.Counts.PLACE ? place(demand.hold()) : hold(demand.hold());
  }

  Collection<Hold> holds() {
    return holds.values();
  }

  int openHolds() {
    return holds.size();
  }

  // --- what the store is to be asked for ---

  /** With the next call: a job waits for it, or soon will. Under the tenant's lock. */
  void queue(SubjectQuotas account) {
    if (!account.queued && !account.seeding) {
      account.queued = true;
      due.add(account);
    }
  }

  /** When there is time: nobody waits for it. Under the tenant's lock. */
  void queueReport(SubjectQuotas account) {
    if (!account.queued && !account.reporting && !account.seeding) {
      account.reporting = true;
      reports.add(account);
    }
  }

  /** The next that is wanted, or null. */
  SubjectQuotas due() {
    return due.poll();
  }

  /** The next that can wait, or null. It may have been told of meanwhile. */
  SubjectQuotas report() {
    return reports.poll();
  }

  /** Puts an account back that is still marked as queued. */
  void dueAgain(SubjectQuotas account) {
    due.add(account);
  }

  /** Puts an account back that is still marked as reporting. */
  void reportAgain(SubjectQuotas account) {
    reports.add(account);
  }

  boolean isDue() {
    return !due.isEmpty() || !reports.isEmpty();
  }

  // --- the spool, as far as usage was settled here ---

  long lastPosition() {
    return lastPosition.get();
  }

  void reached(long position) {
    if (position > lastPosition.get()) {
      lastPosition.accumulateAndGet(position, Math::max);
    }
  }

  // --- time and limits ---

  RedisTime time() {
    return time;
  }

  /** What holds instead of limits from the next job on. */
  void override(LimitOverrides now) {
    overrides = now;
  }

  LimitOverrides overrides() {
    return overrides;
  }

  /** A demand's limits and the shares that decide them; under the tenant's lock. */
  BoundLimits terms(TenantQuotas tenant, SubjectQuotas key, ReservationRequest demand) {
    BoundLimits terms = key.terms;
    LimitOverrides now = overrides;
    if (terms == null || !terms.covers(demand, now)) {
      terms = BoundLimits.bind(demand.limits(), demand.prepaid(), key, tenant.account, now);
      key.terms = terms;
      if (key.telling) {
        queueReport(key);
      }
      if (tenant.account.telling) {
        queueReport(tenant.account);
      }
    }
    return terms;
  }

  /**
   * True while Redis' last answer about a share holds: a share of a day or month only in that day
   * or month.
   */
  boolean isKnown(QuotaLease share, long nanos) {
    return share.answeredNanos != 0
        && !share.stale
        && (!share.hasWindow() || time.isCurrent(share.window, nanos));
  }
}
